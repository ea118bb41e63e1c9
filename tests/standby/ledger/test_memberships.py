"""Which product a SKU belongs to: the newest edition of the SKU wins, in any order."""

from collections.abc import Sequence

import pytest
from standby.ledger import items
from standby.ledger.memberships import MembershipBook, Move
from standby.ledger.model import Membership
from standby.ledger.table import LedgerTable

SHIRT = "SHIRT-RED-M"


def said(edition: int, product_id: str | None, sku: str = SHIRT) -> Membership:
    return Membership(sku=sku, product_id=product_id, edition=edition)


def known(table: LedgerTable, sku: str = SHIRT) -> Membership:
    item = table.item(items.membership_key(sku))
    return items.membership(item) if item else Membership(sku=sku)


def nothing(_moves: Sequence[Move]) -> None:
    """Do nothing before a write."""


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1, 3, 2), (3, 3, 1)])
def test_the_newest_word_wins_in_any_order(table: LedgerTable, order: Sequence[int]) -> None:
    words = {1: said(1, "shirts"), 2: said(2, None), 3: said(3, "sale")}

    for edition in order:
        MembershipBook(table).take([words[edition]], first=nothing)

    assert known(table) == said(3, "sale")


def test_a_variant_that_is_gone_belongs_to_no_product_and_an_older_word_does_not_bring_it_back(
    table: LedgerTable,
) -> None:
    book = MembershipBook(table)
    book.take([said(2, None)], first=nothing)
    book.take([said(1, "shirts")], first=nothing)

    assert known(table) == said(2, None)
    assert "product_id" not in (table.item(items.membership_key(SHIRT)) or {}), "the index would have it"


def test_moves_are_told_before_they_are_written_and_only_what_moves(table: LedgerTable) -> None:
    told: list[list[Move]] = []

    def first(moves: Sequence[Move]) -> None:
        assert known(table).edition < moves[0][1].edition
        told.append(list(moves))

    book = MembershipBook(table)
    moved = [book.take([said(edition, "shirts"), said(1, "shirts", "OTHER")], first=first) for edition in (1, 1, 2)]

    assert moved == [told[0], [], told[1]]
    assert told == [
        [(Membership(sku=SHIRT), said(1, "shirts")), (Membership(sku="OTHER"), said(1, "shirts", "OTHER"))],
        [(said(1, "shirts"), said(2, "shirts"))],
    ]


def test_who_was_slower_reads_again(table: LedgerTable) -> None:
    book = MembershipBook(table)
    told: list[list[Move]] = []

    def first(moves: Sequence[Move]) -> None:
        told.append(list(moves))
        if len(told) == 1:
            book.take([said(2, "mugs")], first=nothing)

    book.take([said(3, "sale")], first=first)

    assert told == [[(Membership(sku=SHIRT), said(3, "sale"))], [(said(2, "mugs"), said(3, "sale"))]]
    assert known(table) == said(3, "sale")


def test_a_product_of_many_variants_is_taken_in_pages(table: LedgerTable) -> None:
    words = [said(1, "shirts", f"SHIRT-{number}") for number in range(250)]
    told: list[int] = []

    MembershipBook(table).take([*words, *words], first=lambda moves: told.append(len(moves)))

    assert told == [100, 100, 50]
    assert {known(table, word.sku) for word in words} == set(words)
