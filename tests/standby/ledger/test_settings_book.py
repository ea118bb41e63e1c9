"""What the shop set: the nearest scope wins."""

import pytest
from standby.ledger import items
from standby.ledger.memberships import MembershipBook
from standby.ledger.model import Membership, SkuSettings
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable

SHIRT = "SHIRT-RED-M"


@pytest.fixture
def requests(table: LedgerTable) -> list[str]:
    """Return the requests made from now on."""
    made: list[str] = []
    table.dynamodb.meta.events.register("before-call.dynamodb", lambda model, **_more: made.append(model.name))
    return made


def belongs(table: LedgerTable, product_id: str | None, edition: int = 1) -> None:
    word = Membership(sku=SHIRT, product_id=product_id, edition=edition)
    MembershipBook(table).take([word], first=lambda _moves: None)


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


def test_the_product_stands_between_the_sku_and_the_shop(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 1, "low_stock": 8, "minimum_restock": 4})
    book.change(None, {"safety_stock": 2, "low_stock": 9}, product_id="shirts")
    book.change(SHIRT, {"safety_stock": 3})
    belongs(table, "shirts")

    merged, version = book.resolve(SHIRT)

    assert (merged.safety_stock, merged.low_stock, merged.minimum_restock) == (3, 9, 4)
    assert version == 1


def test_a_product_inherits_from_the_shop_and_has_a_version_of_its_own(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 1})
    book.change(None, {"low_stock": 9}, product_id="shirts")
    book.change(None, {"low_stock": None, "wave_ratio": 1.5}, product_id="shirts")

    assert book.resolve(None, product_id="shirts") == (SkuSettings(safety_stock=1, wave_ratio=1.5), 2)
    assert book.resolve(None, product_id="mugs") == (SkuSettings(safety_stock=1), 0)
    assert book.resolve(None) == (SkuSettings(safety_stock=1), 1), "the shop's own version is its own"
    assert book.said(["shirts", "mugs"]) == {"shirts": {"wave_ratio": 1.5}}


def test_a_sku_that_moves_follows_its_products(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 2}, product_id="shirts")
    book.change(None, {"safety_stock": 5}, product_id="sale")

    found = []
    for edition, product_id in enumerate(("shirts", "sale", "mugs", None), 1):
        belongs(table, product_id, edition)
        found.append(book.resolve(SHIRT)[0].safety_stock)

    assert found == [2, 5, 0, 0]


def test_a_product_and_a_sku_of_one_name_are_two(table: LedgerTable) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 2}, product_id=SHIRT)
    book.change("shirts", {"safety_stock": 5})
    belongs(table, "shirts")

    assert book.resolve(SHIRT)[0].safety_stock == 0


def test_no_request_is_made_for_a_product_as_long_as_none_has_settings(table: LedgerTable, requests: list[str]) -> None:
    book = SettingsBook(table)
    book.change(None, {"safety_stock": 1})
    belongs(table, "shirts")
    requests.clear()

    assert book.resolve(SHIRT)[0].safety_stock == 1
    assert requests == ["BatchGetItem"]

    book.change(None, {"safety_stock": 2}, product_id="mugs")
    requests.clear()
    assert book.resolve(SHIRT)[0].safety_stock == 1
    assert requests == ["BatchGetItem", "GetItem"]
    assert items.PRODUCTS_SET not in book.said(["mugs"])["mugs"]
