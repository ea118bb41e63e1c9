"""What the shop set, by scope: the nearest scope that says something wins (design §5.2, settings)."""

from collections.abc import Mapping
from typing import Any

from standby.ledger import items
from standby.ledger.model import SkuSettings
from standby.platform.frozen import frozen
from standby.platform.table import Table, Update


@frozen()
class SettingsBook:
    """Keeps the shop's settings."""

    table: Table

    def resolve(self, sku: str | None) -> tuple[SkuSettings, int]:
        """Return the settings of a SKU (``None``: of the shop), merged, and the version of the nearest scope.

        The version rises by one with each change of that scope; 0 where nothing was ever set.
        """
        keys = [items.settings_key(scope) for scope in scopes_of(sku)]
        found = {item["pk"]: item for item in self.table.batch(keys)}
        scoped = [found.get(key["pk"], {}) for key in keys]
        return SkuSettings.merged(*(items.settings(item) for item in scoped)), scoped[0].get("version", 0)

    def change(self, sku: str | None, changes: Mapping[str, Any]) -> None:
        """Set fields of a scope; ``None`` unsets a field, so that it is inherited again."""
        key = items.settings_key(scopes_of(sku)[0])
        stored = {
            name: repr(value) if name == "wave_ratio" and value is not None else value
            for name, value in changes.items()
        }
        self.table.change(Update(key, assign=stored, add={"version": 1}))


def scopes_of(sku: str | None) -> list[str]:
    """Return the scopes whose settings hold for a SKU (``None``: for the shop), the nearest first."""
    return [items.SHOP] if sku is None else [f"sku:{sku}", items.SHOP]
