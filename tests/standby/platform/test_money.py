"""Currencies, as ISO 4217 lists them."""

from datetime import date

import pytest
from babel.core import get_global
from standby.platform.money import CURRENCIES, MINOR_DIGITS, CurrencyError, currency, parts
from standby.shelf.cards import money

LEFT = {"BGN"}
"""Bulgaria has the euro since 2026-01-01; the CLDR of today's Babel does not know yet."""


def test_every_currency_that_is_tender_somewhere_is_one() -> None:
    today = date(2026, 11, 26)
    spans = [span for spans in get_global("territory_currencies").values() for span in spans]
    tender = {code for code, _, end, is_tender in spans if is_tender and (end is None or date(*end) >= today)}
    assert tender - CURRENCIES == LEFT
    assert get_global("all_currencies").keys() >= CURRENCIES - {"XAD", "XCG"}
    assert MINOR_DIGITS.keys() <= CURRENCIES


@pytest.mark.parametrize("said", ["ZZZ", "XXX", "XAU", "XTS", "DEM", "ils", "", None, 7, "₪"])
def test_what_is_no_currency_is_refused_and_not_written(said: object) -> None:
    with pytest.raises(CurrencyError, match=r"is no currency of ISO 4217, such as EUR or ILS$"):
        currency(said)
    assert money({"amount": 1, "currency": said}) is None


def test_a_currency_is_trimmed_and_parted_by_its_minor_unit() -> None:
    assert currency(" JPY ") == "JPY"
    assert [parts(12345, code) for code in ("JPY", "KWD", "ILS", "CLF")] == [
        (12345, ""), (12, "345"), (123, "45"), (1, "2345"),
    ]  # fmt: skip
