"""We write what babel writes from the Unicode CLDR, although no function loads babel."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import babel
import pytest
from babel import dates, numbers
from standby.platform.formats import Formats
from standby.platform.money import minor_digits

from infra.operations import formats as compiled

ZONES = ["UTC", "Asia/Jerusalem", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns"]
BABEL_IS_WRONG_ABOUT = "America/St_Johns"
"""Babel 2.18 writes GMT-04:30 for 3.5 hours behind: it rounds the hours down."""
INSTANTS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=11, hours=7, minutes=13) * step for step in range(40)]
CURRENCIES = ["ILS", "EUR", "USD", "GBP", "JPY", "KWD", "CHF", "XXX"]
AMOUNTS = [0, 1, 99, 100, 999, 1000, 12_990, 123_456, 99_999_999, 10**12 + 7]

each_language = pytest.mark.parametrize("language", compiled.LANGUAGES)


def formats(language: str, *zones: str | None) -> Formats:
    return Formats.of(language, *zones)


def test_the_committed_formats_are_what_babel_says() -> None:
    assert [path.read_text("utf-8") for path, _ in compiled.documents()] == [text for _, text in compiled.documents()]


@each_language
def test_dates_are_written_as_babel_does(language: str) -> None:
    ours = formats(language)
    for days in range(0, 1500, 7):
        day = date(2024, 1, 1) + timedelta(days=days)
        assert ours.date(day.isoformat()) == dates.format_date(day, "long", locale=language)
        assert ours.day(day.isoformat()) == dates.format_date(day, "full", locale=language)


@each_language
@pytest.mark.parametrize("zone", ZONES)
def test_times_are_written_as_babel_does_in_the_readers_zone(language: str, zone: str) -> None:
    ours, locale, local = formats(language, zone), babel.Locale.parse(language), ZoneInfo(zone)
    for instant in INSTANTS:
        day = dates.format_date(instant.astimezone(local), "long", locale=locale)
        time = dates.format_time(instant, "short", tzinfo=local, locale=locale)
        assert ours.time(instant) == time
        assert ours.date(instant) == day
        assert ours.instant(instant.isoformat()) == dates.get_datetime_format("long", locale=locale).replace(
            "'", ""
        ).format(time, day)


@each_language
@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone != BABEL_IS_WRONG_ABOUT])
def test_a_time_in_the_shops_zone_says_how_far_from_greenwich_it_is(language: str, zone: str) -> None:
    ours = formats(language, None, zone)
    for instant in INSTANTS:
        offset = dates.get_timezone_gmt(instant.astimezone(ZoneInfo(zone)), "long", locale=language)
        assert ours.time(instant) == f"{formats(language, zone).time(instant)} ({offset})"


def test_half_an_hour_behind_greenwich_is_not_rounded_to_another_hour() -> None:
    may = datetime(2026, 5, 3, 12, tzinfo=UTC)
    assert formats("en", None, BABEL_IS_WRONG_ABOUT).time(may) == "9:30\u202fAM (GMT-02:30)"


@pytest.mark.parametrize("unknown", [None, "", "Mars/Base", "../etc/passwd", "/etc/passwd", "x" * 64, "Asia", "\x00"])
def test_a_zone_that_is_none_is_the_shops(unknown: str | None) -> None:
    noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
    assert formats("he", unknown, "Asia/Jerusalem").time(noon) == "15:00 (GMT+03:00\u200e)"
    assert formats("he", unknown, unknown).time(noon) == "12:00 (GMT+00:00\u200e)"


@each_language
@pytest.mark.parametrize("currency", CURRENCIES)
def test_money_is_written_as_babel_does(language: str, currency: str) -> None:
    ours = formats(language)
    for amount, sign in itertools.product(AMOUNTS, (1, -1)):
        value = Decimal(amount * sign) / 10 ** minor_digits(currency)
        theirs = numbers.format_currency(value, currency, locale=language)
        # Babel leaves out the space between letters and digits that UTS 35 asks for: KWD12.345.
        said = ours.money({"amount": amount * sign, "currency": currency})
        assert said.replace(f"{currency}\u00a0", currency) == theirs


@each_language
def test_every_currency_whose_digits_are_those_of_iso_is_written_as_babel_does(language: str) -> None:
    ours = formats(language)
    same = [code for code in numbers.list_currencies() if numbers.get_currency_precision(code) == minor_digits(code)]
    assert len(same) > 200
    for currency in same:
        symbol = numbers.get_currency_symbol(currency, locale=language)
        theirs = numbers.format_currency(Decimal(123_456_789) / 10 ** minor_digits(currency), currency, locale=language)
        said = ours.money({"amount": 123_456_789, "currency": currency})
        assert said.replace(f"{symbol}\u00a0", symbol) == theirs.replace(f"{symbol}\u00a0", symbol)


@each_language
def test_numbers_and_percentages_are_written_as_babel_does(language: str) -> None:
    ours = formats(language)
    for number in (*AMOUNTS, -1, -12_345):
        assert ours.number(number) == numbers.format_decimal(number, locale=language)
        assert ours.percent(number) == numbers.format_percent(Decimal(number) / 100, locale=language)


@each_language
def test_opening_hours_are_written_as_babel_writes_times_and_days(language: str) -> None:
    ours = formats(language)
    for minutes in range(0, 24 * 60, 25):
        at = datetime.combine(date(2026, 5, 4), datetime.min.time()) + timedelta(minutes=minutes)
        assert ours.hour(f"{at:%H:%M}") == dates.format_time(at, "short", locale=language)
    for number in range(1, 8):
        assert ours.weekday(number) == dates.format_date(date(2026, 5, 3 + number), "EEEE", locale=language)


@pytest.mark.parametrize(
    ("pattern", "written"),
    [("d בMMMM y", "{d} ב{MMMM} {y}"), ("d 'de' MMMM", "{d} de {MMMM}"), ("h 'o''clock' a", "{h} o'clock {a}")],
)
def test_a_pattern_keeps_its_words(pattern: str, written: str) -> None:
    assert compiled.pattern(pattern) == written


@pytest.mark.parametrize(("what", "of"), [("LLLL y", "LLLL"), ("h:mm B", "B"), ("G y", "G")])
def test_a_field_that_our_lines_do_not_write_is_refused_at_development_time(what: str, of: str) -> None:
    with pytest.raises(ValueError, match=f"the field {of} is not written"):
        compiled.pattern(what)


def test_a_language_with_other_groups_of_digits_is_refused_at_development_time() -> None:
    with pytest.raises(ValueError, match="groups of three"):
        compiled.formats("hi")


def test_no_function_loads_babel() -> None:
    said: list[Any] = [path for path in compiled.PRODUCT.rglob("*.py") if "import babel" in path.read_text("utf-8")]
    assert said == []
    assert "babel" not in Path("requirements/runtime.txt").read_text("utf-8")
