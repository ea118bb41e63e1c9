"""Whom the mail about a later day did not reach was not told: the order tells it, or a person, and nobody else."""

from typing import Any

import pytest
from standby.delivery.repository import OrderRepository
from standby.platform.clock import to_text
from standby.platform.table import Table
from standby.preorder.repository import PreorderRepository
from standby.preorder.untold import MOST_UNTOLD

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.standby.delivery.test_days_to_answer import STANDS_STILL
from tests.standby.delivery.test_silence import comes_back
from tests.standby.delivery.track import AMERICA, Customer
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_postponed import AUGUST, JULY, SEPTEMBER, releases
from tests.standby.preorder.test_promising import in_line, orders
from tests.standby.preorder.test_slipping import CUSTOMER, OCTOBER, mails, placed, why

pytestmark = pytest.mark.promise("P3", "P10")
ANA = "ana@example.org"
WEEKS = 15
"""Days after which a mail about a day is sent no more."""


@pytest.fixture
def parcels(sales: Sales) -> Parcels:
    return Parcels(Shop(sales.world))


def kept(sales: Sales, made: str) -> Any:
    return PreorderRepository(Table("Preorder", sales.world.dynamodb)).reservation(made)


def late(sales: Sales, *days: str) -> str:
    """Let one pre-order, and the shop put off the release to each day."""
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    for day in days:
        releases(sales, day)
    return made


def said(sales: Sales, name: str, made: str, **more: Any) -> None:
    """Let Mail say what became of a mail about a reservation."""
    detail = {"id": "e", "at": to_text(sales.world.clock.now()), "references": [f"p1~{made}"], **more}
    sales.world.send("PreorderRecords", {"source": "standby", "detail-type": name, "detail": detail})
    sales.world.settle()


def refused(sales: Sales, made: str, day: str, reason: str = "suppressed", again: str = "") -> None:
    job_id = f"postponed#{made}@{day}{again}"
    said(sales, "MailRefused", made, job_id=job_id, kind="postponed", reason=reason)


def by(order_id: str = "O") -> list[str]:
    return [notice.by for notice in OrderRepository("Delivery").order(order_id).notices]


def came_back(sales: Sales, made: str, _day: str = "") -> None:
    """Let the newest mail come back: nobody says of which kind it was."""
    said(sales, "MailFailed", made, reason="bounced")


def test_what_the_mail_provider_refuses_is_not_told(sales: Sales) -> None:
    sales.world.refused = {CUSTOMER}
    made = late(sales, AUGUST)
    assert (mails(sales), kept(sales, made).told_until) == ([], None)


@pytest.mark.parametrize("how", [refused, came_back], ids=["refused", "came-back"])
def test_the_order_tells_what_its_pre_order_could_not(sales: Sales, parcels: Parcels, how: Any) -> None:
    made = late(sales, AUGUST)
    how(sales, made, AUGUST)
    placed(parcels, made, customer={"email": ANA})
    assert [mail.email for mail in sales.world.mails if "order" in mail.subject and "Later" in mail.subject] == [ANA]


@pytest.mark.parametrize("how", [refused, came_back], ids=["refused", "came-back"])
def test_an_order_that_took_it_over_before_tells_it_once(sales: Sales, parcels: Parcels, how: Any) -> None:
    made = late(sales, AUGUST)
    placed(parcels, made)
    assert (mails(sales), by()) == (["postponed"], ["preorder"])
    for _ in range(2):
        how(sales, made, AUGUST)
        placed(parcels, made)
    assert (mails(sales), by()) == (["postponed", "delayed"], ["refused", "mail"])
    steps = [(step["event"], step["rule"]) for step in why(sales)]
    assert ("CustomerNotTold", "the_mail_was_refused") in steps


def test_where_the_order_has_the_same_address_a_person_calls(sales: Sales, parcels: Parcels) -> None:
    made = late(sales, AUGUST)
    placed(parcels, made, ship_to=AMERICA, payment_status="paid")
    sales.world.refused = {CUSTOMER}
    refused(sales, made, AUGUST)
    assert "call" in by()
    assert mails(sales) == ["postponed"]


def test_what_the_erp_said_since_stays_and_is_told(sales: Sales, parcels: Parcels) -> None:
    made = late(sales, AUGUST)
    placed(parcels, made)
    parcels.tells("eta", eta=AUGUST)
    assert mails(sales) == ["postponed"], "it was told by its pre-order"
    refused(sales, made, AUGUST)
    assert (mails(sales), by()) == (["postponed", "delayed"], ["refused", "mail"])


@pytest.mark.parametrize("late_word", [False, True], ids=["again", "the-first-is-last"])
def test_what_an_order_hears_late_or_twice_changes_nothing(sales: Sales, parcels: Parcels, *, late_word: bool) -> None:
    made = late(sales, AUGUST)
    sales.world.held = frozenset({"DeliveryRecords"} if late_word else ())
    placed(parcels, made)
    refused(sales, made, AUGUST)
    words = [each for each in sales.told("PromiseMoved") if each.get("order_id")]
    assert [(each.get("told_until"), each.get("untold_until")) for each in words] == [(AUGUST, None), (None, AUGUST)]
    sales.world.queues["DeliveryRecords"].clear()
    sales.world.held = frozenset()
    for word in (*reversed(words), *words):
        envelope = {"source": "standby", "detail-type": "PromiseMoved", "detail": word}
        sales.world.send("DeliveryRecords", envelope)
        sales.world.settle()
    assert mails(sales) == ["postponed", "delayed"]


def test_what_came_back_from_a_bounce_report_is_told_by_the_order(sales: Sales, parcels: Parcels) -> None:
    made = late(sales, AUGUST)
    placed(parcels, made, customer={"email": ANA})
    comes_back(Customer(sales.shop))
    later = [mail.email for mail in sales.world.mails if mail.subject.startswith("Later than we told you")]
    assert later == [CUSTOMER, ANA]


def test_the_day_of_a_newer_mail_outlasts_the_refusal_of_an_older_one(sales: Sales, parcels: Parcels) -> None:
    made = late(sales, AUGUST, SEPTEMBER)
    before = kept(sales, made)
    refused(sales, made, AUGUST)
    said(sales, "MailAccepted", made, job_id=f"postponed#{made}@{SEPTEMBER}", kind="postponed")
    assert kept(sales, made) == before
    placed(parcels, made)
    assert mails(sales) == ["postponed", "postponed"]


def test_the_order_that_told_a_newer_day_tells_it_no_second_time(sales: Sales, parcels: Parcels) -> None:
    made = late(sales, AUGUST)
    placed(parcels, made)
    releases(sales, SEPTEMBER)
    refused(sales, made, AUGUST)
    placed(parcels, made)
    assert mails(sales) == ["postponed", "delayed"]


def test_it_is_told_again_when_the_day_moves_again(sales: Sales) -> None:
    made = late(sales, AUGUST)
    refused(sales, made, AUGUST)
    assert mails(sales) == ["postponed"]
    for day in (JULY, AUGUST):
        releases(sales, day)
    refused(sales, made, AUGUST)
    assert (mails(sales), kept(sales, made).told_until) == (["postponed"] * 2, AUGUST), (
        "the word of the first comes late"
    )
    releases(sales, OCTOBER)
    assert mails(sales) == ["postponed"] * 3


def test_its_page_says_the_day(sales: Sales) -> None:
    made = late(sales, AUGUST)
    refused(sales, made, AUGUST)
    shown = sales.own(sales.link(CUSTOMER))[1]
    assert (shown["late"], shown["promised_until"], shown["may_wait"]) == (True, AUGUST, True)


def test_the_shop_sees_it(sales: Sales, capsys: pytest.CaptureFixture[str]) -> None:
    made = late(sales, AUGUST)
    refused(sales, made, AUGUST)
    assert capsys.readouterr().out.count('"SlipsUntold":[1.0]') == 1
    refused(sales, made, AUGUST)
    assert "SlipsUntold" not in capsys.readouterr().out


@pytest.mark.parametrize("still", [True, False], ids=["so-still", "so-no-more"])
def test_what_expired_is_sent_once_again_while_it_is_so(sales: Sales, *, still: bool) -> None:
    made = late(sales)
    sales.world.held = STANDS_STILL
    releases(sales, AUGUST)
    if not still:
        releases(sales, JULY)
    sales.world.wait(days=WEEKS)
    sales.world.held = frozenset()
    sales.world.settle()
    assert mails(sales) == (["postponed"] if still else [])
    refused(sales, made, AUGUST, "expired", "#1")
    refused(sales, made, AUGUST, "expired", "#1")
    assert (mails(sales), kept(sales, made).told_until) == (["postponed"] if still else [], None)


def without_a_day(sales: Sales) -> str:
    orders(sales, 1, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    (made,) = in_line(sales, 1)
    orders(sales, 0, "2026-07-01")
    assert mails(sales) == ["undated"]
    return made


@pytest.mark.parametrize("placed_first", [True, False], ids=["after-the-order", "before-the-order"])
def test_the_order_tells_that_no_day_is_known(sales: Sales, parcels: Parcels, *, placed_first: bool) -> None:
    made = without_a_day(sales)
    if placed_first:
        placed(parcels, made)
    for _ in range(2):
        said(sales, "MailRefused", made, job_id=f"undated#{made}", kind="undated", reason="suppressed")
    placed(parcels, made)
    assert len(mails(sales)) == 2
    assert by()[-1] == "mail"


def test_who_could_not_be_told_of_no_day_is_told_again_when_it_expired(sales: Sales) -> None:
    made = without_a_day(sales)
    for _ in range(2):
        said(sales, "MailRefused", made, job_id=f"undated#{made}", kind="undated", reason="expired")
    assert mails(sales) == ["undated"] * 2


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("MailAccepted", {"job_id": "postponed#x", "kind": "postponed"}),
        ("MailRefused", {"job_id": "reserved#x", "kind": None, "reason": "bounced"}),
        ("MailFailed", {"job_id": "undated#x", "kind": "undated", "reason": "parked"}),
        ("MailFailed", {"reason": "bounced"}),
    ],
    ids=["accepted", "another-mail", "another-reservation's", "no-slip"],
)
def test_of_other_mails_nothing_follows(sales: Sales, name: str, more: dict[str, Any]) -> None:
    made = late(sales)
    before = kept(sales, made)
    said(sales, name, made, **more)
    assert kept(sales, made) == before


def test_a_mail_that_came_back_is_noted_once(sales: Sales) -> None:
    made = late(sales, AUGUST)
    at = to_text(sales.world.clock.now())
    came_back(sales, made)
    releases(sales, SEPTEMBER)
    said(sales, "MailFailed", made, reason="bounced", at=at)
    assert kept(sales, made).told_until == SEPTEMBER


def test_what_reaches_nobody_again_and_again_is_not_noted_for_ever(sales: Sales) -> None:
    made = late(sales, AUGUST)
    for number in range(MOST_UNTOLD + 1):
        refused(sales, made, AUGUST, again=f"#{number}" if number else "")
        for day in (JULY, AUGUST):
            releases(sales, day)
    assert len(kept(sales, made).untold) == MOST_UNTOLD


def test_others_hear_of_which_day_the_mail_reached_nobody(sales: Sales, parcels: Parcels) -> None:
    made = late(sales, AUGUST)
    refused(sales, made, AUGUST)
    placed(parcels, made)
    (word,) = [each for each in sales.told("PromiseMoved") if each.get("order_id")]
    assert (word["sku"], word.get("told_until"), word["untold_until"]) == (LAMP, None, AUGUST)
