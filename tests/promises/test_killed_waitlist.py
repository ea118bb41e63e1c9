"""Promises 2, 3 and 8 when what happens to entries is broken at any call: joining, changing, ending, being erased."""

import json
from collections import deque
from datetime import timedelta
from typing import Any

import pytest
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.table import LedgerTable
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.tokens import TokenKeys, Tokens
from standby.waitlist.model import MAIL_VALID

from tests.promises.killing import (
    Scenario,
    dead_letters,
    everything_runs,
    insists,
    nobody_is_lost_or_spammed,
    report,
)
from tests.promises.shop import CONSENT, OPS, Shop, customers
from tests.services import Mail
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P8")

SKU = "SHIRT-RED-M"
ANA, BEN, EVA = "ana@example.org", "ben@example.org", "eva@example.org"
ENDED = {204, 303, 410}
"""What ending an entry answers; somebody whose first answer was lost finds it gone."""
TOKENS = Tokens(TokenKeys(current="a-key-of-the-test"))


def counts_of(world: World, sku: str = SKU) -> tuple[int, ...]:
    """Return how many of a SKU are unconfirmed, waiting, told, left and refused."""
    figures = Shop(world).figures(sku)
    return tuple(figures[name] for name in ("unconfirmed", "waiting", "told", "left", "refused"))


def about(mail: Mail) -> str:
    """Return the SKU that a mail's subject names (between marks that isolate its direction of writing)."""
    return mail.subject.partition("\u2068")[2].partition("\u2069")[0]


def restocks(world: World, *skus: str, on_hand: int = 50) -> None:
    for sku in skus:
        world.send("StockUpdates", Shop(world).level(sku, on_hand))
    everything_runs(world)


# ---- entries whose time is over ----

SILENT = customers(3)
LATE = ["late-0@example.org", "late-1@example.org", "late-2@example.org"]


def some_wait_until_tomorrow(shop: Shop) -> None:
    for sku in (SKU, "OTHER"):
        shop.counts(sku, 0)
    tomorrow = str(shop.today() + timedelta(days=1))
    for email in SILENT:
        shop.joins(email, SKU)
    for email, skus in zip(LATE, ([SKU], [SKU, "OTHER"], [SKU]), strict=True):
        shop.waits(email, *skus, until=tomorrow)
    shop.waits(ANA, SKU)
    shop.world.refused = {LATE[2]}
    shop.world.settle()


def days_go_by(world: World) -> None:
    for _ in range(4):
        world.wait(days=1)
        world.wait(minutes=3)
    world.wait(days=15)
    world.wait(minutes=3)
    noticed = {mail.email for mail in world.mails if "has not come back" in mail.subject}
    assert noticed == set(LATE[:2]), f"last notices: {noticed}"
    restocks(world, SKU, "OTHER")


def days_go_by_while_no_mail_leaves(world: World) -> None:
    world.held = frozenset({"MailBulk"})
    for _ in range(4):
        world.wait(days=1)
    world.held = frozenset()
    days_go_by(world)


def only_who_still_waits_is_told(world: World, most: int) -> None:
    back = [mail.email for mail in world.mails if mail.subject.startswith("Back in stock")]
    assert set(back) == {ANA}, f"promise 8: told after the last day {set(back)}"
    everything = [*back, *(mail.email for mail in world.mails if "has not come back" in mail.subject)]
    assert max(everything.count(email) for email in everything) <= most, "promise 3"
    assert counts_of(world) == (0, 0, 1, 0, 0), counts_of(world)
    assert counts_of(world, "OTHER") == (0, 0, 0, 0, 0), counts_of(world, "OTHER")
    letters = [json.loads(letter.body) for letter in world.queues["MailDeadLetters"]]
    # Where the same process saw SES accept the same notice for another, the address is at fault; else a person decides.
    rejected = any(name == "MailRefused" and detail["reason"] == "rejected" for name, detail in world.events)
    left = set() if rejected else {LATE[2]}
    assert {email["email"] for job in letters for email in job["recipients"]} == left, "promise 9"
    assert dead_letters(world) == ([] if rejected else ["MailDeadLetters"]), f"promise 9: {dead_letters(world)}"


# ---- a wave whose messages were lost ----

TWELVE = customers(12)
PAGES_OF_FOUR = {"standby.waitlist.wave.RECIPIENTS": 2, "standby.waitlist.wave.CHUNK_ITEMS": 2}


def twelve_wait(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in TWELVE:
        shop.waits(email, SKU)
    shop.world.settle()


def the_planners_messages_are_lost(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(SKU, 50))
    world.held = frozenset({"WaitlistPlans"})
    world.settle()
    world.held = frozenset()
    for _ in range(30):
        if any('"page":2' in body for body in world.bodies("WaitlistPlans")):
            break
        world.deliver("WaitlistPlans", most=1)
    world.queues["WaitlistPlans"] = deque()
    everything_runs(world)


def all_twelve_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(TWELVE), most)
    assert counts_of(world) == (0, 0, 12, 0, 0), counts_of(world)


# ---- an entry for any of several ----


def two_wait_for_any_of_two(shop: Shop) -> None:
    for sku in ("RED", "BLUE"):
        shop.counts(sku, 0)
    shop.waits(ANA, "RED", "BLUE")
    shop.waits(BEN, "BLUE", "RED")
    shop.world.settle()


def both_are_back(world: World) -> None:
    restocks(world, "RED", "BLUE")


def each_is_told_of_one(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, {ANA, BEN}, most)
    counted = [counts_of(world, sku) for sku in ("RED", "BLUE")]
    assert [waiting for _, waiting, *_ in counted] == [0, 0], counted
    assert sum(told for _, _, told, *_ in counted) == 2, counted


# ---- own entries: another quantity, other SKUs, ending one ----


def ana_waits_for_three(shop: Shop) -> None:
    for sku in ("LAMP", "CHAIR", "TABLE", "BENCH"):
        shop.counts(sku, 0)
    for sku in ("LAMP", "CHAIR", "TABLE"):
        shop.waits(ANA, sku)
    shop.world.clock.advance(seconds=1)
    shop.waits(BEN, "LAMP")
    shop.world.settle()


def ana_changes_her_mind(world: World) -> None:
    token = TOKENS.issue("mine", {"a": address_key(ANA)}, now=world.clock.now(), lifetime=MAIL_VALID)
    query = {"token": token}
    _, mine = insists(world, "waitlist_api", "GET", "/v1/waitlist/mine", query=query)
    own = {item["skus"][0]: f"/v1/waitlist/mine/{item['id']}" for item in mine["items"]}
    for sku, change in (("LAMP", {"quantity": 2}), ("CHAIR", {"skus": ["BENCH"]})):
        status, answer = insists(world, "waitlist_api", "PATCH", own[sku], query=query, body=change)
        assert status == 200, answer
    status, answer = insists(world, "waitlist_api", "DELETE", own["TABLE"], query=query)
    assert status in ENDED, answer
    everything_runs(world)
    restocks(world, "CHAIR", "TABLE")
    assert Shop(world).told() == {}, "promise 8: told of what she gave up"
    world.send("StockUpdates", Shop(world).level("LAMP", 2))
    restocks(world, "BENCH")


def she_is_told_of_what_she_kept(world: World, most: int) -> None:
    subjects = [about(mail) for mail in world.mails if mail.email == ANA]
    assert set(subjects) == {"LAMP", "BENCH"}, f"promises 2 and 8: {subjects}"
    assert max(subjects.count(subject) for subject in subjects) <= most, f"promise 3: {subjects}"
    assert BEN not in Shop(world).told(), "promise 5: told of units that were Ana's"
    assert counts_of(world, "LAMP") == (0, 1, 1, 0, 0), counts_of(world, "LAMP")
    assert counts_of(world, "CHAIR")[:3] == (0, 0, 0), counts_of(world, "CHAIR")
    assert counts_of(world, "TABLE") == (0, 0, 0, 1, 0), counts_of(world, "TABLE")
    assert dead_letters(world) == [], f"promise 9: {dead_letters(world)}"


# ---- the shop's own sign-ups, and getting in line while there is stock ----


def it_is_there(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.counts(SKU, 50)


def the_shop_signs_ana_up(world: World) -> None:
    consent = {**CONSENT, "at": to_text(world.clock.now()), "source": "checkout"}
    body = {"email": ANA, "skus": [SKU], "quantity": 2, "locale": "en", "consent": consent}
    path = "/v1/waitlist/entries"
    status, answer = insists(world, "waitlist_api", "POST", path, body=body, scopes="storefront")
    assert status == 202, answer
    everything_runs(world)


def ana_is_told_once(world: World, most: int) -> None:
    """A sign-up that is sent again because its answer was lost is no other wish, also when it comes after the mail."""
    nobody_is_lost_or_spammed(world, {ANA}, most)
    assert counts_of(world) == (0, 0, 1, 0, 0), counts_of(world)


# ---- leaving one entry, leaving all by the page's form, and being erased, while mails are on their way ----


def three_wait_for_two_things(shop: Shop) -> None:
    for sku in (SKU, "OTHER"):
        shop.counts(sku, 0)
        for email in (ANA, BEN, EVA):
            shop.waits(email, sku)
    shop.world.settle()


def they_go_while_their_mails_wait(world: World) -> None:
    world.held = frozenset({"MailBulk"})
    restocks(world, SKU)
    forms = {"content-type": "application/x-www-form-urlencoded"}
    for email, entry in ((ANA, ""), (BEN, "all")):
        token = TOKENS.issue("mine", {"a": address_key(email)}, now=world.clock.now(), lifetime=MAIL_VALID)
        query = {"token": token}
        _, mine = insists(world, "waitlist_api", "GET", "/v1/waitlist/mine", query=query)
        ids = [item["id"] for item in mine["items"] if item["skus"] == [SKU]]
        path = f"/v1/waitlist/mine/{entry or ids[0]}"
        answer = insists(world, "waitlist_api", "POST", path, query=query, body="action=leave", headers=forms)
        assert answer[0] in ENDED, answer
    at = to_text(world.clock.now())
    erased: dict[str, Any] = {"address": address_key(EVA), "at": at, "id": "erased"}
    for queue in ("MailFeedback", "WaitlistRecords"):
        world.send(queue, {"source": "standby", "detail-type": "CustomerErased", "detail": erased})
    everything_runs(world)
    world.held = frozenset()
    everything_runs(world)
    restocks(world, "OTHER")


def only_what_ana_kept_is_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, {ANA}, most)
    assert {about(mail) for mail in world.mails} == {"OTHER"}, "promise 8: told after leaving"
    assert counts_of(world) == (0, 0, 0, 3, 0), counts_of(world)
    assert counts_of(world, "OTHER") == (0, 0, 1, 2, 0), counts_of(world, "OTHER")
    kept = [item for item in world.memory.tables["Waitlist"].every() if item.get("email", {}).get("S") == EVA]
    assert kept == [], "erased, and still kept"


# ---- leaving before the mail, and coming back ----


def two_wait(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in (ANA, BEN):
        shop.waits(email, SKU)
    shop.world.settle()


def ana_leaves_and_comes_back_before_her_mail(world: World) -> None:
    world.held = frozenset({"MailBulk"})
    restocks(world, SKU)
    query = {"token": TOKENS.issue("leave", {"a": address_key(ANA)}, now=world.clock.now(), lifetime=MAIL_VALID)}
    forms = {"content-type": "application/x-www-form-urlencoded"}
    body = "List-Unsubscribe=One-Click"
    answer = insists(world, "waitlist_api", "POST", "/v1/waitlist/leave", query=query, body=body, headers=forms)
    assert answer[0] == 200, answer
    world.clock.advance(minutes=2)
    the_shop_signs_ana_up(world)
    world.held = frozenset()
    everything_runs(world)
    world.wait(hours=1)
    everything_runs(world)


def both_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, {ANA, BEN}, most)


# ---- holds that end ----


def five_of_twelve_are_told(shop: Shop) -> None:
    shop.settings(wave_interval_seconds=86_400)
    twelve_wait(shop)
    shop.counts(SKU, 5)
    now = shop.world.clock.now()
    for number in range(2):
        claim = Claim(claim_id=f"c{number}", sku=SKU, kind="offer", units=1)
        ClaimBook(LedgerTable("Stock", shop.world.dynamodb)).take(claim, now=now)
    shop.world.settle()


def two_holds_end(world: World) -> None:
    tap, world.tap = world.tap, World.tap  # no function gives claims back yet
    told = []
    for number in range(2):
        book = ClaimBook(LedgerTable("Stock", world.dynamodb))
        book.give_back(SKU, f"c{number}", now=world.clock.now())
        status, stock = insists(world, "stock_api", "GET", f"/v1/stock/{SKU}", scopes=OPS)
        assert status == 200, stock
        freed = {"id": f"c{number}", "at": to_text(world.clock.now()), "sku": SKU, "units": 1}
        told.append(freed | {"revision": stock["revision"]})
    world.tap = tap
    for detail in (told[0], told[1], told[0]):
        world.send("WaitlistPlans", {"source": "standby", "detail-type": "UnitsFreed", "detail": detail})
    everything_runs(world)


def two_more_are_told(world: World, most: int) -> None:
    told = set(Shop(world).told())
    assert len(told) == 5 + 2, f"told {len(told)} of 5 units and 2 that came back"
    nobody_is_lost_or_spammed(world, told, most)


# ---- what operators ask ----


def operators_look(world: World) -> None:
    restocks(world, SKU)
    for path in (f"/v1/waitlist/{SKU}", f"/v1/waitlist/{SKU}/why"):
        status, answer = insists(world, "waitlist_api", "GET", path, scopes=OPS)
        assert status == 200, answer


SCENARIOS = (
    Scenario(
        "entries whose time is over",
        some_wait_until_tomorrow,
        days_go_by,
        only_who_still_waits_is_told,
        every=58,
        constants={"standby.waitlist.repository.DUE_PAGE": 2},
    ),
    Scenario(
        "last notices that came too late",
        some_wait_until_tomorrow,
        days_go_by_while_no_mail_leaves,
        only_who_still_waits_is_told,
        every=58,
    ),
    Scenario(
        "a wave whose messages were lost",
        twelve_wait,
        the_planners_messages_are_lost,
        all_twelve_are_told,
        every=20,
        constants=PAGES_OF_FOUR,
    ),
    Scenario("any of several", two_wait_for_any_of_two, both_are_back, each_is_told_of_one, every=16),
    Scenario("own entries", ana_waits_for_three, ana_changes_her_mind, she_is_told_of_what_she_kept, every=26),
    Scenario("the shop's own sign-ups", it_is_there, the_shop_signs_ana_up, ana_is_told_once, every=10),
    Scenario(
        "leaving while mails are on their way",
        three_wait_for_two_things,
        they_go_while_their_mails_wait,
        only_what_ana_kept_is_told,
        every=30,
    ),
    Scenario(
        "leaving before the mail, and coming back",
        two_wait,
        ana_leaves_and_comes_back_before_her_mail,
        both_are_told,
        every=18,
    ),
    Scenario("holds that end", five_of_twelve_are_told, two_holds_end, two_more_are_told, every=6),
    Scenario("what operators ask", twelve_wait, operators_look, all_twelve_are_told, every=18),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
