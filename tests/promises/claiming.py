"""Who holds claims is tried again until the call comes through, as a function is that SQS or a storefront repeats."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError
from standby.ledger.claims import ClaimBook
from standby.ledger.table import LedgerTable
from standby.platform.dynamodb import BusyError

from tests.world import Killed, Tap, World

ATTEMPTS = 6
HOLDER = "claims"
"""The function's name under which the calls are made."""


def insist(world: World, act: Callable[[ClaimBook], Any], *, tap: Tap | None = None) -> Any:
    """Do something with the claims until it comes through; ``tap`` sees its calls instead of the world's own."""
    straight = world.tap
    world.tap = tap or straight
    try:
        for _ in range(ATTEMPTS):
            world._function = HOLDER
            try:
                return act(ClaimBook(LedgerTable("Stock", world.dynamodb)))
            except (Killed, ClientError, ReadTimeoutError, BusyError):
                continue
    finally:
        world._function, world.tap = "test", straight
    raise AssertionError("never came through")
