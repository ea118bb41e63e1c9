"""Answer operators who ask why an address gets no mail, and who let it get mail again."""

from functools import cache
from typing import Any

from standby.mail.assembly.api import assemble
from standby.mail.routes import application
from standby.mail.settings import ApiSettings
from standby.mail.suppressions import Suppressions
from standby.platform.observability import logger, metrics

log = logger("mail")
counts = metrics("mail")


@cache
def suppressions() -> Suppressions:
    return assemble(ApiSettings.from_environment())


app = application(suppressions)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
