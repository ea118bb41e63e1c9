"""What products say that their SKUs are made of, as jobs for whoever counts kits."""

from collections.abc import Collection, Iterable
from typing import Protocol

from standby.events.catalog import ProductChanged
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.stock.kitter import defined_kit


class Kits(Protocol):
    """Where kits are kept."""

    def among(self, skus: Iterable[str]) -> Collection[str]:
        """Return those of the SKUs that are kits now."""
        ...


@frozen(kw_only=True)
class Kitted:
    """Hears of which components SKUs are made. It runs once it is written which words about SKUs are the newest."""

    kits: Kits
    jobs: Queue

    def take(self, event: ProductChanged) -> None:
        """Order what a product says of kits, and of SKUs that are none any more, to be taken in. Raises `BusyError`.

        A SKU that never was a kit makes no job. Who dissolves a kit that was not written yet makes none either: whoever
        writes it later sees that there is a newer word.
        """
        said = {
            variant["sku"]: (
                [(each["sku"], each["quantity"]) for each in variant.get("components", ()) if not variant["gone"]],
                variant["edition"],
            )
            for variant in event.variants
        }
        plain = [sku for sku, (components, _) in said.items() if not components]
        dissolved = self.kits.among(plain) if plain else ()
        self.jobs.send(
            [
                Outgoing.of(defined_kit(sku, components, edition=edition))
                for sku, (components, edition) in said.items()
                if components or sku in dissolved
            ]
        )
