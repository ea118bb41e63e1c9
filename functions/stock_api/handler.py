"""Answer the ERP's and the operator's requests about stock."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import logger, metrics
from standby.stock.repository import StockRepository
from standby.stock.routes import application
from standby.stock.service import Counter, Intake, ShopSettings
from standby.stock.settings import ApiSettings

log = logger("stock")
measures = metrics("stock")


@cache
def app() -> APIGatewayHttpResolver:
    settings = ApiSettings.from_environment()
    table = LedgerTable(settings.stock_table, dynamodb.client())
    return application(
        intake=Intake(updates=queue.connect(settings.stock_updates_queue_url), clock=SystemClock()),
        counter=Counter(stock=StockRepository(table)),
        settings=ShopSettings(book=SettingsBook(table), sweeps=queue.connect(settings.stock_sweeps_queue_url)),
    )


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app().resolve(event, context)
