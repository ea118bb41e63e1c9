"""Promises 2, 3 and 8 for customers who give something up before the mail about it, and want it again."""

from typing import Any

import pytest
from standby.platform import kept
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.tokens import TokenKeys, Tokens
from standby.waitlist.model import MAIL_VALID

from tests.promises.shop import Shop

pytestmark = pytest.mark.promise("P2", "P3")

ANA = "ana@example.org"
TOKENS = Tokens(TokenKeys(current="a-key-of-the-test"))
GIVING_UP = ["leaves", "deletes", "swaps"]


def mine(shop: Shop, method: str, entry: str = "", **change: Any) -> Any:
    """Use the link to Ana's own entries."""
    token = TOKENS.issue("mine", {"a": address_key(ANA)}, now=shop.world.clock.now(), lifetime=MAIL_VALID)
    path = f"/v1/waitlist/mine/{entry}".rstrip("/")
    status, answer = shop.world.request("waitlist_api", method, path, query={"token": token}, body=change or None)
    assert status in {200, 204}, answer
    return answer


def invited(shop: Shop) -> None:
    """Let Ana wait for one SKU, which comes back; the mail about it lies in its queue."""
    shop.counts("A", 0)
    shop.counts("B", 0)
    shop.joins(ANA, "A")
    shop.confirms(ANA)
    shop.world.held = {"MailBulk"}
    shop.counts("A", 5)
    assert shop.world.queues["MailBulk"]


def gives_up(shop: Shop, how: str) -> None:
    """Let Ana give up the SKU."""
    if how == "leaves":
        shop.leaves(ANA)
    else:
        entry = mine(shop, "GET")["items"][0]["id"]
        mine(shop, "DELETE", entry) if how == "deletes" else mine(shop, "PATCH", entry, skus=["B"])
        shop.world.settle()
    shop.world.clock.advance(minutes=2)


def wants_again(shop: Shop, how: str) -> None:
    """Let Ana want the SKU again."""
    if how == "swaps":
        mine(shop, "PATCH", mine(shop, "GET")["items"][0]["id"], skus=["A"])
        shop.world.settle()
    else:
        shop.joins(ANA, "A")
        assert shop.confirms(ANA) == 200


def bounces(shop: Shop) -> None:
    """Let SES say that Ana's mailbox does not exist."""
    said = {"feedbackId": "f-1", "timestamp": to_text(shop.world.clock.now()), "bounceType": "Permanent"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": ANA}]}}
    shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    shop.world.settle()


def mail_goes_on(shop: Shop) -> None:
    """Let Mail work again."""
    shop.world.held = set()
    shop.world.settle()
    shop.world.wait(minutes=2)


def hours_pass(shop: Shop, hours: int = 3) -> None:
    """Let hours pass, in which waves go."""
    for _ in range(hours * 4):
        shop.world.wait(minutes=15)


@pytest.mark.parametrize("how", GIVING_UP)
def test_who_gives_up_a_sku_before_its_mail_is_not_mailed_about_it(shop: Shop, how: str) -> None:
    invited(shop)
    gives_up(shop, how)
    mail_goes_on(shop)

    assert not shop.told()


@pytest.mark.parametrize("how", GIVING_UP)
def test_who_wants_it_again_after_the_mail_was_stopped_is_told_once(shop: Shop, how: str) -> None:
    invited(shop)
    gives_up(shop, how)
    mail_goes_on(shop)
    wants_again(shop, how)
    hours_pass(shop)

    assert shop.told() == {ANA: 1}
    assert shop.figures("A")["waiting"] == 0


@pytest.mark.parametrize("how", GIVING_UP)
def test_who_wants_it_again_before_the_mail_was_stopped_is_told_once(shop: Shop, how: str) -> None:
    invited(shop)
    gives_up(shop, how)
    wants_again(shop, how)
    mail_goes_on(shop)
    hours_pass(shop)

    assert shop.told() == {ANA: 1}
    assert shop.figures("A")["waiting"] == 0


def test_who_gives_it_up_again_and_again_before_the_mail_was_stopped_is_told_once(shop: Shop) -> None:
    invited(shop)
    for _ in range(3):
        gives_up(shop, "leaves")
        wants_again(shop, "leaves")
    mail_goes_on(shop)
    hours_pass(shop)

    assert shop.told() == {ANA: 1}


def test_who_wants_it_again_while_the_outcome_of_a_sent_mail_is_unknown_is_not_told_twice(shop: Shop) -> None:
    invited(shop)
    shop.world.held = {"WaitlistRecords"}
    shop.world.settle()
    assert shop.told() == {ANA: 1}
    gives_up(shop, "leaves")
    wants_again(shop, "leaves")
    hours_pass(shop)
    gives_up(shop, "leaves")
    wants_again(shop, "leaves")
    assert shop.told() == {ANA: 1}

    mail_goes_on(shop)
    hours_pass(shop)
    assert shop.told() == {ANA: 1}
    assert shop.figures("A")["waiting"] == 1

    shop.counts("A", 0)
    shop.counts("A", 5)
    assert shop.told() == {ANA: 2}, "the next restock is another"


def test_who_swaps_a_sku_and_takes_it_back_after_its_mail_came_too_late_is_told(shop: Shop) -> None:
    invited(shop)
    shop.world.wait(hours=25)
    shop.world.held = set()
    entry = mine(shop, "GET")["items"][0]["id"]
    mine(shop, "PATCH", entry, skus=["B"])
    mine(shop, "PATCH", entry, skus=["A"])
    shop.world.settle()
    hours_pass(shop)

    assert shop.told() == {ANA: 1}


def test_who_was_suppressed_when_invited_is_told_after_the_suppression_was_lifted(shop: Shop) -> None:
    shop.counts("A", 0)
    shop.waits(ANA, "A")
    shop.world.settle()
    shop.world.held = {"WaitlistRecords"}
    bounces(shop)
    shop.counts("A", 3)
    shop.world.held = set()
    shop.world.settle()
    lift = shop.world.request("mail_api", "POST", "/v1/mail/suppressions/lift", body={"email": ANA}, scopes="ops")
    assert lift[0] == 200
    shop.world.settle()
    shop.world.clock.advance(minutes=5)
    shop.waits(ANA, "A")
    hours_pass(shop)

    assert shop.told() == {ANA: 1}


def test_whoever_was_told_is_not_told_of_the_same_restock_while_it_is_remembered(shop: Shop) -> None:
    shop.settings(wave_interval_seconds=86400)
    shop.counts("A", 0)
    shop.joins(ANA, "A")
    shop.confirms(ANA)
    shop.counts("A", 5)
    for _ in range(kept.TOLD.days // 20 - 1):
        shop.world.wait(days=20)
    forget(shop)
    shop.joins(ANA, "A")
    assert shop.confirms(ANA) == 200
    for _ in range(3):
        shop.world.wait(days=1)

    assert shop.told() == {ANA: 1}


def forget(shop: Shop) -> None:
    """Let DynamoDB delete the items whose time is over."""
    table = shop.world.memory.tables["Waitlist"]
    now = shop.world.clock.now().timestamp()
    for item in list(table.every()):
        if "ttl" in item and int(item["ttl"]["N"]) < now:
            table.put({name: item[name] for name in ("pk", "sk")}, None)
