"""What the shop set, by scope: the nearest scope that says something wins (design §5.2, settings)."""

from collections.abc import Iterable, Mapping
from typing import Any

from standby.ledger import items
from standby.ledger.model import SkuSettings
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.table import Table, Update


@frozen()
class SettingsBook:
    """Keeps the shop's settings."""

    table: Table

    def resolve(self, sku: str | None, *, product_id: str | None = None) -> tuple[SkuSettings, int]:
        """Return the settings of a SKU, of a product or, without both, of the shop: merged, and the scope's version.

        The version rises by one with each change of that scope; 0 where nothing was ever set.

        A SKU's product is read with its settings; the product's own settings take a second request, which nobody makes
        as long as no product has any.
        """
        keys = [items.settings_key(scope) for scope in scopes_of(sku, product_id)]
        wanted = [*keys, items.membership_key(sku)] if sku is not None else keys
        found = {item["pk"]: item for item in self.table.batch(wanted)}
        scoped = [found.get(key["pk"], {}) for key in keys]
        version = scoped[0].get("version", 0)
        if sku is not None:
            scoped.insert(1, self._of_product(found.get(items.partition(sku)), shop=scoped[-1]))
        return SkuSettings.merged(*(items.settings(item) for item in scoped)), version

    def said(self, product_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return what the shop set for each product itself; those without anything are left out."""
        keys = {items.settings_key(f"product:{name}")["pk"]: name for name in product_ids}
        found = self.table.batch({"pk": pk, "sk": items.SETTINGS} for pk in keys) if keys else []
        return {keys[item["pk"]]: items.settings(item) for item in found}

    def change(self, sku: str | None, changes: Mapping[str, Any], *, product_id: str | None = None) -> None:
        """Set fields of a scope; ``None`` unsets a field, so that it is inherited again."""
        key = items.settings_key(scopes_of(sku, product_id)[0])
        stored = {
            name: repr(value) if name == "wave_ratio" and value is not None else value
            for name, value in changes.items()
        }
        if product_id is not None:  # whoever reads the product's settings must find by then that there are such
            self.table.write(Update(items.settings_key(items.SHOP), assign={items.PRODUCTS_SET: True}))
        self.table.change(Update(key, assign=stored, add={"version": 1}))

    def _of_product(self, membership: Item | None, *, shop: Item) -> Item:
        """Return the settings of the product that a SKU belongs to, if there may be any."""
        product_id = items.membership(membership).product_id if membership else None
        if product_id is None or items.PRODUCTS_SET not in shop:
            return {}
        return self.table.item(items.settings_key(f"product:{product_id}")) or {}


def scopes_of(sku: str | None, product_id: str | None = None) -> list[str]:
    """Return the scopes whose settings hold for a SKU and its product (without both: for the shop), nearest first."""
    own = [] if sku is None else [f"sku:{sku}"]
    return [*own, *([] if product_id is None else [f"product:{product_id}"]), items.SHOP]
