"""The accounts' export: each grant of a month once, with what became of its voucher, a page at a time."""

import base64
import csv
import io
import re
import unicodedata
from datetime import timedelta
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest
from standby.compensation.account_routes import bounds
from standby.compensation.csv_text import row_of
from standby.compensation.voucher_repository import VoucherBook
from standby.platform.clock import from_text, to_text

from tests.gateway import http_event
from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent, agent
from tests.standby.compensation.remedied import FEE, TWO_LEVELS, eur, rule
from tests.standby.compensation.till import API

pytestmark = pytest.mark.promise("P6", "P10")


@pytest.fixture
def dana(shop: Shop) -> Agent:
    return agent(shop)


def month(dana: Agent) -> str:
    return f"{dana.shop.today():%Y-%m}"


def pages(dana: Agent, of: str, *, about: str = "remedies") -> list[str]:
    """Return the pages of a month's export as they come."""
    query, found = {"month": of}, []
    while True:
        raw = dana.shop.world.run(API, http_event("GET", f"/v1/reports/{about}", query=query, scopes="ops"))
        assert raw["statusCode"] == 200
        found.append(base64.b64decode(raw["body"]).decode() if raw.get("isBase64Encoded") else raw["body"])
        following = re.search(r"after=([^>&]+)>", raw["headers"].get("Link", ""))
        if following is None:
            return found
        query = {"month": of, "after": unquote(following[1])}


def rows(dana: Agent, of: str, *, about: str = "remedies") -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO("".join(pages(dana, of, about=about)))))


def moved(dana: Agent, of: str) -> list[tuple[str, int, int]]:
    """Return what vouchers moved in a month: what happened, and how much more is owed and was taken off."""
    found = sorted(rows(dana, of, about="vouchers"), key=lambda row: row["at"])
    return [(row["movement"], int(row["owed"]), int(row["taken_off"])) for row in found]


def test_each_grant_is_a_line_with_what_became_of_its_voucher_and_how_it_is_taxed(dana: Agent) -> None:
    dana.sets(rule(FEE, name="fee", channels=["app"]), TWO_LEVELS)
    first, second = dana.a_code("O-1"), dana.a_code("O-2")
    dana.places("O-3", channel="app")
    dana.late("O-3", days=3)
    dana.gives("O-1", elsewhere=eur(600))
    dana.redeems(first)
    dana.revokes(second)
    found = sorted(rows(dana, month(dana)), key=lambda row: (row["order_id"], row["granted_at"]))
    names = ("order_id", "kind", "amount", "tax_treatment", "voucher_status", "redeemed_for", "taken_off")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("O-1", "voucher", "500", "discount_when_redeemed", "redeemed", "NEXT", "500"),
        ("O-1", "elsewhere", "100", "given_elsewhere", "", "", ""),
        ("O-2", "voucher", "500", "discount_when_redeemed", "revoked", "", ""),
        ("O-3", "delivery_fee_back", "490", "price_reduction_of_order", "", "", ""),
    ]
    assert found[1]["granted_by"].startswith("Dana")
    assert "ana@example.org" not in str(found)


def test_what_waits_or_was_denied_is_said_so(dana: Agent) -> None:
    dana.sets(TWO_LEVELS, approval_above=[eur(100)])
    for number in (1, 2):
        dana.places(f"O-{number}")
        dana.late(f"O-{number}", days=3)
    dana.decides("deny", "O-2")
    found = sorted(rows(dana, month(dana)), key=lambda row: row["order_id"])
    assert [(row["approval"], row["amount"], row["tax_treatment"]) for row in found] == [
        ("awaiting_approval", "500", "open"),
        ("denied", "0", "nothing_given"),
    ]


def test_a_month_comes_page_by_page_each_grant_once_and_no_other_month(dana: Agent) -> None:
    for number in range(230):
        dana.places(f"O-{number}", email=f"ana-{number}@example.org")
        dana.gives(f"O-{number}", elsewhere=eur(1 + number))
    this = month(dana)
    found = pages(dana, this)
    assert [page.count("\r\n") for page in found] == [201, 30]
    assert sorted(int(row["amount"]) for row in rows(dana, this)) == [*range(1, 231)]
    dana.shop.world.clock.advance(days=40)
    assert rows(dana, month(dana)) == []


def test_a_text_that_a_spreadsheet_would_compute_is_none(dana: Agent) -> None:
    dana.places("=1+1")
    dana.gives("%3D1%2B1", elsewhere=eur(5))
    assert [row["order_id"] for row in rows(dana, month(dana))] == ["'=1+1"]


def cells(line: str, separator: str) -> list[str]:
    """Return what a spreadsheet shows of a line, by whatever it takes for the separator."""
    lines = [line] if separator == "," else re.split("[\r\n]+", line)
    read = (csv.reader(io.StringIO(each, newline=""), delimiter=separator) for each in lines)
    return [cell for every in read for row in every for cell in row]


def computed(cell: str) -> bool:
    """Tell whether a spreadsheet would compute a cell: some trim it, and some read wide letters as narrow ones."""
    begins = "".join(letter for letter in unicodedata.normalize("NFKC", cell) if letter.isprintable()).lstrip(' "')
    return begins.startswith(("=", "+", "-", "@", "\u2212"))


FORMULAS = (
    "=cmd",
    "+1",
    "-1",
    "@SUM(1)",
    "=1|x!A0",
    "'=1",
    "\uff1dcmd",
    "\ufe66cmd",
    "\uff0b1",
    "\uff0d1",
    "\u22121",
    "\uff20A",
)
HIDES = (
    "",
    "a;",
    "a,",
    "a\t",
    "a|",
    "\t",
    "\r",
    "\n",
    " ",
    "\u00a0",
    "\u200b",
    "a; ",
    'a;"',
    "a;\u200b",
    "a;;",
    '"',
    "x\n",
)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_nor_is_one_that_hides_it_behind_a_separator_a_mark_or_a_wide_letter(separator: str) -> None:
    for hides, formula in product(HIDES, FORMULAS):
        line = row_of(["O-1", f"{hides}{formula}", f"{formula}{hides}{formula}", None, 500])
        shown = cells(line, separator)
        assert [cell for cell in shown if computed(cell)] == [], repr(line)


def test_a_text_without_any_is_written_as_it_is_and_comes_back_whole() -> None:
    texts = ["O-1;2", "a,b", 'say "hi"', "שלום", "2026-05-03T10:00:00.000Z", "A|B", "", "1=1", "a-b;c"]
    assert cells(row_of(texts), ",") == texts
    assert row_of(["O-1", 500, -20, None]) == '"O-1",500,-20,""\r\n'


@pytest.mark.parametrize("about", ["remedies", "vouchers"])
@pytest.mark.parametrize("query", [{"month": "2026-13"}, {"month": "2026-05", "after": "9:x"}, {}])
def test_what_is_no_month_or_no_place_is_refused(dana: Agent, query: Any, about: str) -> None:
    assert dana.asks(f"GET /v1/reports/{about}", scopes="ops", query=query)[0] == 400


def later(dana: Agent, **much: float) -> None:
    """Let time pass, and let it be looked what is due."""
    dana.shop.world.clock.advance(**much)
    dana.shop.world.send("CompensationRecords", {"sweep": "due"})
    dana.shop.world.settle()


def test_each_month_has_what_became_of_vouchers_in_it_and_all_together_what_is_owed(dana: Agent) -> None:
    dana.sets(TWO_LEVELS, voucher_valid_days=40)
    first, second, third = (dana.a_code(f"O-{number}") for number in range(3))
    may = month(dana)
    later(dana, hours=1)
    dana.redeems(first, order_total=eur(300))
    later(dana, hours=1)
    dana.redeems(first, order_total=eur(400), key="k-2")
    assert moved(dana, may) == [("granted", 500, 0)] * 3 + [("redeemed", -500, 300), ("priced_anew", 0, 100)]
    later(dana, days=31)
    june = month(dana)
    later(dana, hours=1)
    dana.revokes(second)
    assert moved(dana, june) == [("freed", 500, -400), ("revoked", -500, 0)]
    later(dana, days=30)
    july = month(dana)
    dana.redeems(third, key="k-3")
    assert moved(dana, june) + moved(dana, july) == [
        ("freed", 500, -400),
        ("revoked", -500, 0),
        ("expired", -500, 0),
        ("expired", -500, 0),
    ]
    every = [line for of in (may, june, july) for line in moved(dana, of)]
    assert (sum(owed for _, owed, _ in every), sum(off for *_, off in every)) == (0, 0)
    treated = {row["movement"]: row["tax_treatment"] for row in rows(dana, may, about="vouchers")}
    assert treated == {
        "granted": "open",
        "redeemed": "discount_when_redeemed",
        "priced_anew": "discount_when_redeemed",
    }


def test_the_movements_of_a_month_come_page_by_page_each_once(dana: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.compensation.voucher_repository.MOVED_PAGE", 3)
    for number in range(8):
        dana.places(f"O-{number}", email=f"ana-{number}@example.org")
        dana.late(f"O-{number}", days=3)
    found = pages(dana, month(dana), about="vouchers")
    assert [page.count("\r\n") for page in found] == [4, 3, 2]
    assert len({row["remedy_id"] for row in rows(dana, month(dana), about="vouchers")}) == 8


def test_a_month_is_one_of_the_shops_calendar(dana: Agent) -> None:
    start, end = bounds("2026-12", "Asia/Jerusalem")
    assert (to_text(start), to_text(end)) == ("2026-11-30T22:00:00.000Z", "2026-12-31T22:00:00.000Z")
    book = VoucherBook(dana.book.table)
    code = dana.a_code()
    kept = dana.voucher(code)
    assert kept is not None
    at = from_text(kept.granted_at)
    assert [each.what for each in book.movements(at, at + timedelta(seconds=1), None)[0]] == ["granted"]
    assert book.movements(at - timedelta(days=1), at, None)[0] == []


@pytest.mark.parametrize("zone", ["Asia/Jerusalem", "America/New_York", "UTC"])
@pytest.mark.parametrize("of", ["0001-01", "9999-12"])
def test_the_first_and_the_last_month_of_the_calendar_have_bounds(of: str, zone: str) -> None:
    start, end = bounds(of, zone)
    assert to_text(start) < to_text(end)


@pytest.mark.parametrize("of", ["0001-01", "9999-12"])
def test_both_reports_answer_for_any_month_that_they_take(dana: Agent, of: str) -> None:
    assert [rows(dana, of, about=about) for about in ("remedies", "vouchers")] == [[], []]
