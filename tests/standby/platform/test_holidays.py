"""Holidays of countries, compiled ahead, and business days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.holidays import Country, UnknownCountryError, countries

from infra.operations import holidays as compiled

ISRAEL, GERMANY = Country.of("IL"), Country.of("DE")


def test_what_is_committed_is_what_would_be_compiled() -> None:
    assert [path.read_text("utf-8") for path, _ in compiled.documents()] == [text for _, text in compiled.documents()]
    assert countries() == sorted(compiled.COUNTRIES)


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        (ISRAEL, "2026-05-21", True),
        (ISRAEL, "2026-05-22", False),
        (ISRAEL, "2026-05-24", True),
        (ISRAEL, "2026-09-13", False),
        (GERMANY, "2026-05-24", False),
        (GERMANY, "2026-10-03", False),
        (GERMANY, "2026-10-05", True),
        (Country.of("US"), "2026-11-26", False),
    ],
)
def test_people_rest_at_weekends_and_on_holidays(country: Country, day: str, works: bool) -> None:  # noqa: FBT001 - a case
    assert country.is_business_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("country", "day", "count", "found"),
    [
        (ISRAEL, "2026-05-20", 1, "2026-05-21"),
        (ISRAEL, "2026-05-21", 1, "2026-05-24"),
        (ISRAEL, "2026-09-10", 1, "2026-09-14"),
        (GERMANY, "2026-12-24", 1, "2026-12-28"),
        (GERMANY, "2026-12-25", 0, "2026-12-25"),
        (Country.of("US"), "2026-11-25", 7, "2026-12-07"),
    ],
)
def test_business_days_are_counted_from_the_next_day_on(country: Country, day: str, count: int, found: str) -> None:
    assert country.after(date.fromisoformat(day), count) == date.fromisoformat(found)


def test_a_shop_names_the_holidays_of_its_region() -> None:
    bavaria = GERMANY.and_on([date(2026, 1, 6)])
    assert [each.is_holiday(date(2026, 1, 6)) for each in (GERMANY, bavaria)] == [False, True]
    assert bavaria.is_holiday(date(2026, 1, 1))


def test_a_year_that_was_not_compiled_is_known_to_be_so() -> None:
    assert [GERMANY.knows(date(year, 6, 1)) for year in (2024, 2026, 2040, 2041)] == [False, True, True, False]
    assert not GERMANY.is_holiday(date(2041, 12, 25))
    assert GERMANY.after(date(9999, 12, 29), 1) == date(9999, 12, 30)


def test_an_unknown_country_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownCountryError, match="'XX' is none of AT, AU"):
        Country.of("XX")


def test_a_country_that_never_works_has_no_business_day() -> None:
    with pytest.raises(ValueError, match="no business day"):
        Country(frozenset(range(1, 8)), {}).after(date(2026, 6, 1), 1)


@given(
    country=st.sampled_from(countries()),
    day=st.dates(date(2025, 1, 1), date(2040, 6, 1)),
    first=st.integers(0, 40),
    then=st.integers(0, 40),
)
def test_business_days_add_up(country: str, day: date, first: int, then: int) -> None:
    found = Country.of(country)
    assert found.after(found.after(day, first), then) == found.after(day, first + then)
    between = (date.fromordinal(each) for each in range(day.toordinal() + 1, found.after(day, first).toordinal() + 1))
    assert sum(found.is_business_day(each) for each in between) == first
