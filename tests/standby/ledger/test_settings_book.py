"""What the shop set: the nearest scope wins."""

import pytest
from standby.ledger.model import SkuSettings
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable

SHIRT = "SHIRT-RED-M"


def test_where_nothing_is_set_the_defaults_hold(table: LedgerTable) -> None:
    assert SettingsBook(table).resolve(SHIRT) == (SkuSettings(), 0)


def test_the_skus_own_setting_wins_over_the_shops(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 2, "low_stock": 8})
    book.change(SHIRT, {"safety_stock": 5})

    merged, _ = book.resolve(SHIRT)

    assert (merged.safety_stock, merged.low_stock, merged.minimum_restock) == (5, 8, 1)


def test_an_unset_field_is_inherited_again(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 2})
    book.change(SHIRT, {"safety_stock": 5, "low_stock": 1})
    book.change(SHIRT, {"safety_stock": None})

    merged, _ = book.resolve(SHIRT)

    assert (merged.safety_stock, merged.low_stock) == (2, 1)


def test_the_version_counts_the_changes_of_its_scope(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 2})
    book.change(None, {"safety_stock": 3})

    assert (book.resolve(None)[1], book.resolve(SHIRT)[1]) == (2, 0)


@pytest.mark.parametrize("ratio", [0.01, 1.0, 1.5, 1 / 3, 100])
def test_a_ratio_comes_back_as_it_was_set(table: LedgerTable, ratio: float) -> None:
    SettingsBook(table).change(None, {"wave_ratio": ratio})

    assert LedgerReader(table).settings(SHIRT).wave_ratio == ratio


def test_a_setting_that_is_false_is_set(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"notify_everyone": True})
    book.change(SHIRT, {"notify_everyone": False})

    assert LedgerReader(table).settings(SHIRT).notify_everyone is False
