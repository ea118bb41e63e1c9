"""Who waits for a SKU and may pre-order it before its campaign opens to all (`standby.waitlist.inviting_early`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError

MOST_INVITED = 100
"""Addresses of one message."""


class Invited(Protocol):
    """Where it is kept who may."""

    def invite(self, sku: str, number: int, addresses: Sequence[str], until: str) -> None:
        """Let addresses reserve of a campaign before it opens to all."""
        ...


@frozen()
class EarlyDoor:
    """Lets those in who wait."""

    invited: Invited

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"early": sku, "number", "until", "addresses"}``. Raises `PoisonError` for all else."""
        match content:
            case {"early": str(sku), "number": int(number), "until": str(until), "addresses": [*addresses]} if len(
                addresses
            ) <= MOST_INVITED and all(isinstance(each, str) and each for each in addresses):
                self.invited.invite(sku, number, addresses, until)
            case _:
                raise PoisonError("early: names no addresses that may pre-order early")
