"""Promises 2, 3, 5, 8 and 9 around SES: answers in parts, unknown outcomes, feedback, mails that are called off."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.crashes import explore, made
from tests.promises.killing import (
    Scenario,
    everything_runs,
    insists,
    nobody_is_lost_or_spammed,
    report,
    sampled,
)
from tests.promises.shop import OPS, Shop, customers
from tests.promises.unruly import disorder
from tests.services import Outage
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P5", "P8", "P9")

SKU = "SHIRT-RED-M"
EVERYBODY = customers(12)


# ---- answers in parts: some accepted, some put off, some refused ----

REFUSED = {EVERYBODY[2], EVERYBODY[7]}


def twelve_wait_of_whom_two_are_refused(shop: Shop) -> None:
    shop.world.refused = set(REFUSED)
    shop.counts(SKU, 0)
    for email in EVERYBODY:
        shop.waits(email, SKU, locale="he" if email in EVERYBODY[6:] else "en")


def it_is_back(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(SKU, 500))
    everything_runs(world)


def all_but_the_refused_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY) - REFUSED, most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"], figures["refused"]) == (0, 10, 2), figures


# ---- a wave of three, of whom two cannot be mailed: the next in line get their units, at last by the next wave ----


def six_wait_of_whom_the_first_two_are_refused(shop: Shop) -> None:
    shop.world.refused = set(EVERYBODY[:2])
    shop.counts(SKU, 0)
    for email in EVERYBODY[:6]:
        shop.waits(email, SKU)
        shop.world.clock.advance(seconds=1)
    shop.world.settle()


def three_are_back(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(SKU, 3))
    everything_runs(world)
    world.wait(minutes=31)
    everything_runs(world)


def the_next_in_line_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY[2:6]), most)
    assert next(iter(Shop(world).told())) == EVERYBODY[2], "promise 5: who stood behind was told before"
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"], figures["refused"]) == (0, 4, 2), f"promise 5: {figures}"


# ---- feedback: bounces, complaints, leaving and erasure, while the mails about a restock lie in their queue ----

BOUNCED, COMPLAINED, FULL, UNLUCKY, ERASED, LEFT = EVERYBODY[:6]


def six_wait(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in EVERYBODY[:5]:
        shop.waits(email, SKU)
    shop.joins(LEFT, SKU)
    shop.confirms(LEFT)


def from_ses(kind: str, **detail: Any) -> dict[str, Any]:
    return {"source": "aws.ses", "detail-type": f"Email {kind}", "detail": detail}


def bounced(email: str, at: str, *, number: int = 1, **said: str) -> dict[str, Any]:
    about = {"timestamp": at, "feedbackId": f"bounce-{email}-{number}", **said}
    return from_ses("Bounced", bounce={**about, "bouncedRecipients": [{"emailAddress": email}]})


def feedback_comes(world: World) -> None:
    world.held = frozenset({"MailBulk"})
    it_is_back(world)
    at = to_text(world.clock.now())

    def bounce(email: str, kind: str, number: int, subtype: str = "General") -> dict[str, Any]:
        return bounced(email, at, number=number, bounceType=kind, bounceSubType=subtype)

    complaint = {"timestamp": at, "feedbackId": "f-1", "complainedRecipients": [{"emailAddress": COMPLAINED}]}
    told = [
        bounce(BOUNCED, "Permanent", 1),
        from_ses("Complaint Received", complaint=complaint),
        *(bounce(FULL, "Transient", number, "MailboxFull") for number in range(5)),
        *(bounce(UNLUCKY, "Transient", number, "MailboxFull") for number in range(4)),
        *(bounce(UNLUCKY, "Transient", number) for number in range(10, 16)),  # out of the office
    ]
    for envelope in told:
        world.send("MailFeedback", envelope)
    erased = {"source": "standby", "detail-type": "CustomerErased"}
    erased["detail"] = {"address": address_key(ERASED), "at": at, "id": "erased"}  # type: ignore[assignment]
    for queue in ("MailFeedback", "WaitlistRecords"):
        world.send(queue, erased)
    token = next(mail.link("leave") for mail in world.mails if mail.email == LEFT)
    insists(world, "waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})
    everything_runs(world)
    world.held = frozenset()
    everything_runs(world)


def only_the_unlucky_is_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, {UNLUCKY}, most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"], figures["refused"], figures["left"]) == (0, 1, 3, 2), figures


# ---- feedback that nobody can read, beside feedback that counts ----


def feedback_is_poison(world: World) -> None:
    world.send("MailFeedback", "{not json")
    world.send(
        "MailFeedback", bounced(BOUNCED, to_text(world.clock.now()), bounceType="Permanent", bounceSubType="General")
    )
    everything_runs(world)
    it_is_back(world)


def all_but_the_bounced_are_told(world: World, most: int) -> None:
    letters = world.queues["MailDeadLetters"]
    assert {letter.body for letter in letters} == {"{not json"}
    assert all("reason" in letter.attributes for letter in letters)
    letters.clear()
    nobody_is_lost_or_spammed(world, set(EVERYBODY[:6]) - {BOUNCED}, most)


# ---- sold out while the mails lie in their queue: called off, and told when it is back again ----


def twelve_wait(shop: Shop, emails: Iterable[str] = EVERYBODY) -> None:
    shop.counts(SKU, 0)
    for email in emails:
        shop.waits(email, SKU)
    shop.world.settle()


def it_sells_out_before_the_mails_go(world: World) -> None:
    world.held = frozenset({"MailBulk"})
    Shop(world).counts(SKU, 100)
    everything_runs(world)
    Shop(world).counts(SKU, 0)
    everything_runs(world)
    world.held = frozenset()
    everything_runs(world)
    assert Shop(world).told() == {}, "promise 2: told of what had sold out, and lost a place for it"
    it_is_back(world)


def the_second_restock_is_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY), most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"]) == (0, 12), figures


# ---- a mail queue that stands still for longer than the mails are valid ----


def the_mails_grow_old(world: World) -> None:
    world.held = frozenset({"MailBulk"})
    world.send("StockUpdates", Shop(world).level(SKU, 500))
    everything_runs(world)
    world.wait(hours=25)
    world.held = frozenset()
    everything_runs(world)
    world.wait(hours=1)
    everything_runs(world)


# ---- mails that SES accepts and then does not send; it says so before we have written that they were accepted ----


def twelve_wait_of_whom_one_gave_up_before(shop: Shop) -> None:
    """Let the recorder have to look up which restock told about the place that was given up."""
    shop.waits(EVERYBODY[0], SKU)
    shop.gives_up(EVERYBODY[0])
    shop.world.clock.advance(seconds=1)
    twelve_wait(shop)


def three_mails_are_rejected(world: World) -> None:
    world.held = frozenset({"WaitlistRecords"})
    it_is_back(world)
    for mail in [mail for mail in world.mails if mail.email in EVERYBODY[:3]]:
        world.mails.remove(mail)
        for _ in range(2):
            world.send("MailFeedback", mail.not_sent)
    everything_runs(world)
    world.held = frozenset()
    everything_runs(world)
    world.wait(minutes=61)
    everything_runs(world)


# ---- an outage: SES takes nothing from the account, then only every third mail, then everything ----


def ses_comes_back_by_and_by(world: World) -> None:
    world.post.outage = Outage("SendingPausedException", 400)
    world.send("StockUpdates", Shop(world).level(SKU, 500))
    everything_runs(world)
    assert Shop(world).told() == {}
    world.post.outage = Outage("FAILED", every=3)
    everything_runs(world)
    world.post.outage = None
    everything_runs(world)


# ---- a suppression that is lifted; the bounce is told again afterwards ----


def one_bounced_others_wait(shop: Shop) -> None:
    shop.world.send("MailFeedback", bounced(EVERYBODY[0], to_text(shop.world.clock.now()), bounceType="Permanent"))
    shop.world.settle()
    shop.world.clock.advance(minutes=1)
    twelve_wait(shop, EVERYBODY[1:])


def it_is_lifted(world: World) -> None:
    at = to_text(world.clock.now() - timedelta(minutes=1))
    email = EVERYBODY[0]
    for action in ("look-up", "lift", "lift"):
        status, answer = insists(
            world, "mail_api", "POST", f"/v1/mail/suppressions/{action}", body={"email": email}, scopes=OPS
        )
        assert status == 200, answer
    assert (answer["suppressed"], [lift["by"] for lift in answer["lifted"]]) == (None, ["test"])
    world.send("MailFeedback", bounced(email, at, bounceType="Permanent"))
    everything_runs(world)
    consent = {"wording": "2026-05", "at": to_text(world.clock.now()), "source": "checkout"}
    body = {"email": email, "skus": [SKU], "consent": consent}
    status, answer = insists(world, "waitlist_api", "POST", "/v1/waitlist/entries", body=body, scopes="storefront")
    assert status == 202, answer
    everything_runs(world)
    it_is_back(world)


SCENARIOS = (
    Scenario(
        "answers in parts",
        twelve_wait_of_whom_two_are_refused,
        it_is_back,
        all_but_the_refused_are_told,
        every=12,
        environment={"MAX_SEND_RATE": "0"},
    ),
    Scenario(
        "units of those who cannot be mailed",
        six_wait_of_whom_the_first_two_are_refused,
        three_are_back,
        the_next_in_line_are_told,
        every=16,
    ),
    Scenario("feedback", six_wait, feedback_comes, only_the_unlucky_is_told, every=22),
    Scenario("feedback that is poison", six_wait, feedback_is_poison, all_but_the_bounced_are_told, every=22),
    Scenario("a suppression lifted", one_bounced_others_wait, it_is_lifted, the_second_restock_is_told, every=22),
    Scenario("a wave called off", twelve_wait, it_sells_out_before_the_mails_go, the_second_restock_is_told, every=22),
    Scenario(
        "mails not sent after all",
        twelve_wait_of_whom_one_gave_up_before,
        three_mails_are_rejected,
        the_second_restock_is_told,
        every=22,
    ),
    Scenario("an outage of SES", twelve_wait, ses_comes_back_by_and_by, the_second_restock_is_told, every=22),
    Scenario("mails too old to send", twelve_wait, the_mails_grow_old, the_second_restock_is_told, every=22),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))


def redriven(world: World) -> int:
    """Send what waits for a person to its queue again, as the console does; return the number of its recipients."""
    letters = world.queues["MailDeadLetters"]
    recipients: dict[str, int] = {}
    while letters:
        letter = letters.popleft()
        number, _, reason = letter.attributes["reason"].partition(" of ")
        assert reason.endswith("they may have been mailed, and wait for a person"), letter.attributes
        recipients[json.loads(letter.body)["job_id"]] = int(number)
        world.send("MailBulk", letter.body, attributes=letter.attributes)
    everything_runs(world)
    return sum(recipients.values())


def it_is_back_and_letters_are_redriven(world: World) -> None:
    it_is_back(world)
    world.wait(hours=3)
    told = Shop(world).told()
    assert max(told.values(), default=0) <= 2, "promise 3: sent a third time without a person's word"
    figures = insists(world, "waitlist_api", "GET", f"/v1/waitlist/{SKU}", scopes=OPS)[1]
    assert redriven(world) == figures["waiting"], "promise 2: neither told for sure, nor waiting for a person"


def all_are_told_in_the_end(world: World) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY), 3)
    assert Shop(world).figures(SKU)["waiting"] == 0, "promise 2: told and still waiting"


@pytest.mark.parametrize(
    ("what", "operation", "every"),
    [("an SES call broken twice", "SendBulkEmail", 1), ("any call broken twice", None, 40)],
)
def test_after_a_second_unknown_outcome_a_mail_waits_for_a_person(
    shop: Shop, capsys: pytest.CaptureFixture[str], what: str, operation: str | None, every: int
) -> None:
    """Promise 3: it is sent again once, then only when a person says so. Promise 2: until then all stay in line."""
    twelve_wait(shop)

    explored = explore(
        shop.world,
        it_is_back_and_letters_are_redriven,
        all_are_told_in_the_end,
        times=2,
        chosen=sampled(every) if operation is None else made(operation),
        disorder=disorder,
    )

    report(capsys, what, explored)
