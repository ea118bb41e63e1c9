"""Reading the ledger: consistent, so that a decision is never made on numbers of a moment ago."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from standby.ledger import items
from standby.ledger.model import SettleState, SkuSettings, SkuStock
from standby.platform.dynamodb import Backoff, Item, batch_get, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class LedgerReader:
    """Answers what a feature must know about a SKU."""

    table: str
    dynamodb: "DynamoDBClient"
    backoff: Backoff = field(default_factory=Backoff)

    def stock(self, sku: str) -> SkuStock | None:
        """Return the SKU's numbers, ``None`` when the ERP never named it."""
        item = self._item(items.sku_key(sku))
        return items.stock(item) if item else None

    def state(self, sku: str) -> SettleState:
        """Return whether the SKU is out, pending or in; unknown SKUs are out."""
        item = self._item(items.settle_key(sku))
        return items.settle_state(item) if item else SettleState()

    def settings(self, sku: str) -> SkuSettings:
        """Return the SKU's settings, merged."""
        scopes = (f"sku:{sku}", items.SHOP)
        found = batch_get(
            self.dynamodb, self.table, [items.settings_key(scope) for scope in scopes], backoff=self.backoff
        )
        by_key = {item["pk"]: items.settings(item) for item in found}
        return SkuSettings.merged(*(by_key.get(items.settings_key(scope)["pk"], {}) for scope in scopes))

    def _item(self, key: items.Key) -> Item | None:
        answer = self.dynamodb.get_item(TableName=self.table, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None
