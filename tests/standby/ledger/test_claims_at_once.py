"""Sixty-four at once for the last units, for the last places of a campaign, and for units that are given."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from standby.ledger.claims import BesideError, Claim, ClaimBook, NothingToGiveError, SoldOutError
from standby.ledger.table import LedgerTable
from standby.platform.dynamodb import BusyError
from standby.platform.table import Put, Update

from tests.fakes import EPOCH
from tests.standby.ledger.kits import TENT, incoming, level
from tests.standby.ledger.words import stock

pytestmark = pytest.mark.promise("P1", "P5")

CUSTOMERS = 64
OTHERS = "Waitlist"
COUNTER = {"pk": "CAMPAIGN#c1", "sk": "COUNTER#0"}
REFUSALS = (SoldOutError, BesideError, NothingToGiveError)


def owed(name: str, units: int = 1) -> Claim:
    return Claim(claim_id=name, sku=TENT, kind="pre-order", units=units, counted_as="owed")


def at_once(act: Callable[[int], object]) -> Counter[str]:
    """Let all customers do something at the same time, until they are answered; count the answers."""
    answers: list[str] = []

    def customer(number: int) -> None:
        while True:
            try:
                act(number)
            except BusyError:
                continue
            except REFUSALS as error:
                answers.append(type(error).__name__)
            else:
                answers.append("done")
            return

    threads = [threading.Thread(target=customer, args=(number,)) for number in range(CUSTOMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


def test_no_more_is_promised_than_is_free_and_on_its_way(quick: LedgerTable) -> None:
    level(quick, TENT, 5)
    incoming(quick, TENT, 15, "2026-06-01")

    def reserve(number: int) -> None:
        name = f"r{number}"
        ClaimBook(quick).take_together([owed(name)], now=EPOCH, promised_by_incoming={name})

    assert at_once(reserve) == {"done": 20, "SoldOutError": CUSTOMERS - 20}
    assert (stock(quick, TENT).owed, stock(quick, TENT).free) == (20, -15)


def test_no_more_reservations_are_made_than_the_caller_s_counter_allows(quick: LedgerTable) -> None:
    LedgerTable(OTHERS, quick.dynamodb).write(Put({**COUNTER, "left": 12}))

    def reserve(number: int) -> None:
        one = Update(COUNTER, add={"left": -1}, at_least={"left": 1}, elsewhere=OTHERS)
        ClaimBook(quick).take_together([owed(f"r{number}")], now=EPOCH, beside=[one])

    assert at_once(reserve) == {"done": 12, "BesideError": CUSTOMERS - 12}
    assert stock(quick, TENT).owed == 12


def test_no_more_is_given_than_is_there_while_others_come_and_go(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    for number in range(8):
        book.take(owed(f"r{number}", 3), now=EPOCH)
    level(quick, TENT, 10)

    def give_or_come_and_go(number: int) -> None:
        if number % 2:
            book.take(owed(f"guest-{number}"), now=EPOCH)
            book.give_back(TENT, f"guest-{number}", now=EPOCH)
        else:
            book.give(TENT, f"r{number // 2 % 8}", 1, now=EPOCH)

    answers = at_once(give_or_come_and_go)

    given = [claim.given for number in range(8) if (claim := book.claim(TENT, f"r{number}"))]
    assert (answers["NothingToGiveError"], sum(given), max(given) <= 3) == (22, 10, True)
    tents = stock(quick, TENT)
    assert (tents.owed, tents.held, tents.free, tents.givable) == (14, 10, -14, 0)
