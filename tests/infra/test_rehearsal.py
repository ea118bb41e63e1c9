"""``make rehearse`` reads past orders as shops export them, and shows what a policy would have cost."""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.operations.rehearsal.__main__ import main
from infra.operations.rehearsal.orders import FileError, PastOrders, seen

HEAD = "order_id,promised_until,delivered_on,order_value,currency,tier\n"
POLICY = """{"monthly_budget": [{"currency": "EUR", "amount": 100000}], "rules": [{"name": "</style><b>late",
"levels": [{"days_late": 2, "remedy": {"kind": "voucher", "amount": {"currency": "EUR", "amount": 500}}}]}]}"""


def orders(path: Path, text: str, **more: str) -> PastOrders:
    path.write_bytes(text.encode())
    zone = ZoneInfo(more.pop("zone", "UTC"))
    return PastOrders(path=path, zone=zone, columns=more, currency=None)


def test_who_came_late_is_told_from_who_came_in_time_and_who_never_came(tmp_path: Path) -> None:
    file = orders(
        tmp_path / "o.csv",
        f"\ufeff{HEAD}A,2026-05-04,2026-05-07,12.50,EUR,gold\nB,2026-05-04,2026-05-04,,,\nC,2026-05-04,,1,EUR,\n",
    )
    (past,) = file.late()
    assert (past.order_id, past.month, past.case.days_late) == ("A", "2026-05", 3)
    assert (past.case.order_value, past.case.currency, past.case.tier) == (1_250, "EUR", "gold")
    assert seen(file) == {"in time": 1, "not delivered": 1, "late": 1, "unread": 0}


def test_an_instant_counts_by_its_date_in_the_shops_zone(tmp_path: Path) -> None:
    text = f"{HEAD}A,2026-05-04T00:00:00Z,2026-05-04T23:30:00Z,,,\n"
    assert [list(orders(tmp_path / "o.csv", text, zone=zone).late()) != [] for zone in ("UTC", "Asia/Jerusalem")] == [
        False,
        True,
    ]


def test_a_file_may_call_its_columns_otherwise(tmp_path: Path) -> None:
    text = "order_id,due,came\nA,2026-05-04,2026-05-07\n"
    named = {"promised_until": "due", "delivered_on": "came"}
    assert len(list(orders(tmp_path / "o.csv", text, **named).late())) == 1
    with pytest.raises(FileError, match="no column promised_until, delivered_on"):
        list(orders(tmp_path / "o.csv", text).late())


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",2026-05-04,2026-05-07,,,", "order_id is empty"),
        ("A,,2026-05-07,,,", "promised_until is empty"),
        ("A,4.5.2026,2026-05-07,,,", "promised_until: '4.5.2026' is neither a date nor an instant"),
        ("A,2026-05-04,2026-05-07,12.505,EUR,", "order_value: '12.505' is no amount of EUR"),
        ('A,2026-05-04,2026-05-07,"12,50",EUR,', "order_value: '12,50' is no amount such as 27.99"),
        ("A,2026-05-04,2026-05-07,NaN,EUR,", "order_value: 'NaN' is no amount of EUR"),
        ("A,2026-05-04,2026-05-07,-1,EUR,", "order_value: '-1' is no amount of EUR"),
        ("A,2026-05-04,2026-05-07,12,,", "order_value: of which currency nobody says"),
        ("A,2026-05-04,2026-05-07,12,euro,", "'euro' is no currency of ISO 4217"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_count(tmp_path: Path, row: str, why: str) -> None:
    file = orders(tmp_path / "o.csv", f"{HEAD}{row}\nB,2026-05-04,2026-05-07,,,\n")
    assert [past.order_id for past in file.late()] == ["B"]
    assert (file.unread, len(file.wrong)) == (1, 1)
    assert file.wrong[0].startswith("line 2: ")
    assert why in file.wrong[0]


def rehearse(monkeypatch: pytest.MonkeyPatch, place: Path, *more: str) -> int:
    (place / "policy.json").write_text(POLICY, "utf-8")
    said = ("--orders", place / "o.csv", "--policy", place / "policy.json", "--page", place / "page.html", *more)
    monkeypatch.setattr(sys, "argv", ["rehearse", *map(str, said)])
    return main()


def test_a_rehearsal_is_told_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    orders(tmp_path / "o.csv", f"{HEAD}A,2026-05-04,2026-05-07,,,\nB,2026-05-04,2026-05-05,,,\n")
    assert rehearse(monkeypatch, tmp_path, "--against", str(tmp_path / "policy.json")) == 0
    told = capsys.readouterr().out
    assert "5.00 EUR in all (the other policy: 5.00 EUR)" in told
    assert "1  not late enough for the first level of their rule" in told
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<title>2026-05, &lt;/style&gt;&lt;b&gt;late: 5.00 EUR</title>" in page
    assert "<b>" not in page


@pytest.mark.parametrize("broken", ["{", '{"rules": []}'], ids=["no-json", "no-policy"])
def test_a_policy_that_cannot_be_read_rehearses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    orders(tmp_path / "o.csv", HEAD)
    monkeypatch.setitem(globals(), "POLICY", broken)
    assert rehearse(monkeypatch, tmp_path) == 2
    assert capsys.readouterr().err.startswith("nothing was rehearsed: ")
