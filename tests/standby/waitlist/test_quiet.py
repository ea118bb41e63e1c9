"""Who agreed to advertising, was told something and then does nothing is told on the bus as quiet, until they do."""

import json
from datetime import timedelta
from typing import Any

import pytest
from standby.events import waitlist
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.segments import SEGMENT, segment
from tests.promises.shop import CONSENT, TOKENS, Shop
from tests.standby.availability.storefront import QUEUE, envelope, product_changed, variant
from tests.world import World

ANA = "ana@example.org"
AGREED = {**CONSENT, "marketing": True}
DAYS = 60
MUG = "MUG"


@pytest.fixture
def shop(world: World) -> Shop:
    shop = Shop(world)
    shop.counts(MUG, 3)
    shop.counts(MUG, 0)
    return shop


def signs_up(shop: Shop, email: str = ANA, sku: str = MUG, **more: Any) -> None:
    shop.world.clock.advance(minutes=2)  # a mailbox is asked to confirm once a minute
    shop.joins(email, sku, **{"consent": AGREED, **more})
    assert shop.confirms(email) == 200


def is_told(shop: Shop, sku: str = MUG) -> None:
    """Let something come back and be sold out again."""
    shop.counts(sku, 5)
    shop.counts(sku, 0)


def pass_days(shop: Shop, days: int) -> None:
    """Let days pass, each with a sweep."""
    for _ in range(days):
        shop.world.clock.advance(days=1)
        shop.world.send("WaitlistSweeps", {"sweep": "due"})
        shop.world.settle()
    assert not shop.world.failures


def heard(world: World) -> list[tuple[str, str]]:
    """Return what the bus was told of the segment: the event, and why."""
    return [(name, detail.get("sign", detail.get("reason", ""))) for name, detail in world.events if name in SEGMENT]


def posts(shop: Shop, purpose: str, path: str) -> None:
    """Press the button behind a link."""
    token = TOKENS.issue(purpose, {"a": address_key(ANA)}, now=shop.world.clock.now(), lifetime=timedelta(days=1))
    status, _ = shop.world.request("waitlist_api", "POST", f"/v1/waitlist/{path}", query={"token": token})
    assert status == 200
    shop.world.settle()


def publish(shop: Shop, name: str, detail: dict[str, Any]) -> None:
    """Let the waitlist hear what another feature tells."""
    shop.world.send("WaitlistRecords", envelope(name, {"id": name, "at": to_text(shop.world.clock.now()), **detail}))
    shop.world.settle()


def test_who_was_told_and_did_nothing_for_the_shops_days_went_quiet_once(shop: Shop) -> None:
    signs_up(shop)
    agreed_at = to_text(shop.world.clock.now())
    pass_days(shop, 3)
    is_told(shop)
    pass_days(shop, DAYS)
    assert heard(shop.world) == []
    pass_days(shop, 30)
    (detail,) = [detail for name, detail in shop.world.events if name == "CustomerWentQuiet"]
    told_at, at = detail.pop("told_at"), detail.pop("at")
    assert agreed_at < told_at < at
    assert detail.pop("edition") > 0
    assert detail.pop("id").startswith("quiet#")
    assert detail == {
        "version": 1,
        "address": address_key(ANA),
        "sign_at": agreed_at,
        "agreed_at": agreed_at,
        "wording": "2026-05",
    }


def test_the_days_are_never_fewer_and_a_week_more_at_most(shop: Shop) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS - 1)
    assert heard(shop.world) == []
    pass_days(shop, 9)
    assert heard(shop.world) == [("CustomerWentQuiet", "")]


def test_who_did_not_agree_to_advertising_is_never_quiet_nor_who_wants_the_weekly_list_alone(shop: Shop) -> None:
    signs_up(shop, consent=CONSENT, digest=True)
    is_told(shop)
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == []


def test_who_waits_and_was_told_nothing_is_not_quiet(shop: Shop) -> None:
    signs_up(shop)
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == []


def test_who_signs_up_twice_for_the_same_was_told_nothing_by_that(shop: Shop) -> None:
    for quantity in (1, 2):
        signs_up(shop, quantity=quantity)
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == []


def test_who_signs_up_again_comes_back_and_may_go_quiet_again(shop: Shop) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 8)
    assert segment(shop.world, [ANA]) == {ANA}
    signs_up(shop, consent=CONSENT)
    pass_days(shop, 1)
    assert segment(shop.world, [ANA]) == set()
    is_told(shop)
    pass_days(shop, DAYS + 8)
    assert heard(shop.world) == [
        ("CustomerWentQuiet", ""),
        ("CustomerReengaged", "confirmed"),
        ("CustomerWentQuiet", ""),
    ]
    assert segment(shop.world, [ANA]) == {ANA}


def test_a_sign_up_that_nobody_confirms_is_no_sign_of_life(shop: Shop) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 8)
    shop.joins(ANA, MUG)
    pass_days(shop, 8)
    assert segment(shop.world, [ANA]) == {ANA}


def test_who_ends_one_of_their_entries_comes_back(shop: Shop) -> None:
    shop.counts("BOWL", 0)
    signs_up(shop)
    signs_up(shop, sku="BOWL")
    is_told(shop)
    pass_days(shop, DAYS + 8)
    assert segment(shop.world, [ANA]) == {ANA}
    shop.gives_up(ANA)
    pass_days(shop, 1)
    assert heard(shop.world)[-1] == ("CustomerReengaged", "ended_one")


def test_who_changes_one_of_their_entries_comes_back(shop: Shop) -> None:
    shop.counts("BOWL", 0)
    signs_up(shop)
    signs_up(shop, sku="BOWL")
    is_told(shop)
    pass_days(shop, DAYS + 8)
    token = TOKENS.issue("mine", {"a": address_key(ANA)}, now=shop.world.clock.now(), lifetime=timedelta(days=1))
    _, mine = shop.world.request("waitlist_api", "GET", "/v1/waitlist/mine", query={"token": token})
    pass_days(shop, 8)
    assert segment(shop.world, [ANA]) == {ANA}, "looking at the page is no sign"
    path = f"/v1/waitlist/mine/{mine['items'][0]['id']}"
    token = TOKENS.issue("mine", {"a": address_key(ANA)}, now=shop.world.clock.now(), lifetime=timedelta(days=1))
    status, _ = shop.world.request("waitlist_api", "PATCH", path, query={"token": token}, body={"quantity": 2})
    assert status == 200
    pass_days(shop, 1)
    assert heard(shop.world)[-1] == ("CustomerReengaged", "changed")


def test_a_weekly_list_that_was_sent_tells_them_something_and_ending_it_is_a_sign(shop: Shop) -> None:
    for product in (MUG, "BOWL"):
        shop.world.send(QUEUE, product_changed(product.lower(), 1, variant(product, 1), category="Kitchen"))
    shop.counts("BOWL", 3)
    shop.counts("BOWL", 0)
    signs_up(shop, digest=True)
    shop.world.clock.advance(hours=2)
    shop.counts("BOWL", 3)
    shop.world.clock.advance(minutes=1)
    shop.world.send("WaitlistSweeps", {"sweep": "digest", "issue": "2026-05-07"})
    shop.world.settle()
    assert any("this week" in mail.subject for mail in shop.world.mails)
    pass_days(shop, DAYS + 8)
    assert heard(shop.world) == [("CustomerWentQuiet", "")]
    posts(shop, "digest", "digest/leave")
    pass_days(shop, 1)
    assert heard(shop.world)[-1] == ("CustomerReengaged", "ended_list")


@pytest.mark.parametrize(
    ("name", "detail", "sign"),
    [
        ("ReservationConfirmed", {"kind": "checkout", "lines": [{"sku": MUG, "quantity": 1}]}, "ordered"),
        ("ReservationConfirmed", {"kind": "preorder", "lines": [{"sku": MUG, "quantity": 1}]}, "ordered"),
        ("OfferAccepted", {"sku": MUG, "units": 1}, "accepted"),
        ("OfferExpired", {"sku": MUG, "units": 1, "reason": "declined", "reference": "w1"}, "declined"),
    ],
    ids=["an order", "a pre-order", "an offer taken", "an offer declined"],
)
def test_what_they_do_elsewhere_in_standby_brings_them_back(
    shop: Shop, name: str, detail: dict[str, Any], sign: str
) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 8)
    publish(shop, name, {"reservation_id": "r1", "address": address_key(ANA), **detail})
    pass_days(shop, 1)
    assert heard(shop.world) == [("CustomerWentQuiet", ""), ("CustomerReengaged", sign)]


def test_who_leaves_may_not_be_written_to_any_more(shop: Shop) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 8)
    posts(shop, "leave", "leave")
    pass_days(shop, 1)
    assert heard(shop.world) == [("CustomerWentQuiet", ""), ("CustomerUnreachable", "left")]
    assert segment(shop.world, [ANA]) == set()


@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_whose_address_stopped_leaves_the_segment_and_never_enters(shop: Shop, reason: str) -> None:
    def stops(email: str) -> None:
        publish(shop, "MailRefused", {"reason": reason, "address": address_key(email)})

    for email in (ANA, "ben@example.org"):
        signs_up(shop, email)
    is_told(shop)
    stops("ben@example.org")
    pass_days(shop, DAYS + 8)
    assert segment(shop.world, [ANA]) == {ANA}
    stops(ANA)
    pass_days(shop, 1)
    assert heard(shop.world) == [("CustomerWentQuiet", ""), ("CustomerUnreachable", reason)]


def test_who_is_erased_leaves_the_segment_and_nothing_of_it_is_kept(shop: Shop) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 8)
    publish(shop, "CustomerErased", {"address": address_key(ANA)})
    pass_days(shop, 1)
    assert heard(shop.world)[-1] == ("CustomerUnreachable", "erased")
    kept = shop.world.memory.tables["Waitlist"].items
    assert not [item for items in kept.values() for item in items.values() if "attention" in item]


def test_a_mail_that_was_refused_told_nobody(shop: Shop) -> None:
    signs_up(shop)
    shop.world.post.refused.add(ANA)
    is_told(shop)
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == []


@pytest.mark.parametrize("reason", ["suppressed", "rejected"])
def test_a_last_notice_that_was_refused_told_nobody(shop: Shop, reason: str) -> None:
    signs_up(shop, until=(shop.world.clock.now() + timedelta(days=10)).date().isoformat())
    shop.world.held = frozenset({"MailBulk"})
    pass_days(shop, 12)
    (job,) = map(json.loads, shop.world.bodies("MailBulk"))
    shop.world.queues["MailBulk"].clear()
    references = [each["reference"] for each in job["recipients"]]
    publish(shop, "MailRefused", {"reason": reason, "job_id": job["job_id"], "references": references})
    shop.world.held = frozenset()
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == []


def test_a_refused_mail_about_what_was_waited_for_without_advertising_told_nobody_either(shop: Shop) -> None:
    for units in (3, 0):
        shop.counts("BOWL", units)
    signs_up(shop)
    signs_up(shop, sku="BOWL", consent=CONSENT)
    shop.world.held = frozenset({"MailBulk"})
    is_told(shop, "BOWL")
    (job,) = map(json.loads, shop.world.bodies("MailBulk"))
    shop.world.queues["MailBulk"].clear()
    references = [each["reference"] for each in job["recipients"]]
    publish(shop, "MailRefused", {"reason": "rejected", "job_id": job["job_id"], "references": references})
    shop.world.held = frozenset()
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == []


def test_a_last_notice_that_was_sent_told_them_that_waiting_ends(shop: Shop) -> None:
    signs_up(shop, until=(shop.world.clock.now() + timedelta(days=10)).date().isoformat())
    pass_days(shop, DAYS + 30)
    assert heard(shop.world) == [("CustomerWentQuiet", "")]


def test_a_consent_that_is_too_old_counts_no_more(shop: Shop) -> None:
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 8)
    shop.world.clock.advance(days=720 - DAYS - 10)
    pass_days(shop, 3)
    assert heard(shop.world) == [("CustomerWentQuiet", ""), ("CustomerUnreachable", "outdated")]


def set_days(shop: Shop, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Deploy other ``quiet_days``."""
    monkeypatch.setenv("QUIET_DAYS", str(days))
    shop.world.restart()


@pytest.mark.parametrize("before", [365, 0])
def test_fewer_days_count_within_a_month_for_who_was_told_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    set_days(shop, monkeypatch, before)
    signs_up(shop)
    is_told(shop)
    pass_days(shop, DAYS + 10)
    assert heard(shop.world) == []
    set_days(shop, monkeypatch, DAYS)
    pass_days(shop, 30)
    assert heard(shop.world) == [("CustomerWentQuiet", "")]


def test_more_days_count_for_who_was_told_before(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    set_days(shop, monkeypatch, 30)
    signs_up(shop)
    is_told(shop)
    pass_days(shop, 20)
    set_days(shop, monkeypatch, DAYS)
    pass_days(shop, DAYS - 21)
    assert heard(shop.world) == []
    pass_days(shop, 9)
    assert heard(shop.world) == [("CustomerWentQuiet", "")]


def test_the_key_is_made_as_the_events_documentation_says() -> None:
    assert f"``ana@example.org`` is\n``{address_key('ana@example.org')}``" in str(waitlist.__doc__)
