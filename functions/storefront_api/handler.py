"""Answer a shop's pages with the elements that they load, and developers with the API's reference."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.storefront.bundle import Bundle
from standby.storefront.reference import Reference
from standby.storefront.routes import application

log = logger("storefront")
counts = metrics("storefront")


@cache
def bundle() -> Bundle:
    return Bundle.among()


@cache
def reference() -> Reference:
    return Reference.among()


app = application(bundle, reference)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
