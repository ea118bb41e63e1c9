"""Promises 2, 3, 4, 5 and 8, end to end in one process: who is told, once, in which order, and who never."""

import json
import random
from importlib.resources import files
from typing import Any

import pytest
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.waitlist.model import CONFIRMATIONS_A_DAY

from tests.promises.shop import CONSENT, Shop, customers

SKU = "SHIRT-RED-M"


@pytest.mark.promise("P2")
def test_whoever_confirmed_is_told_when_it_is_back(shop: Shop) -> None:
    shop.counts(SKU, 0)
    assert shop.joins("ana@example.org", SKU) == (202, {"status": "accepted"})
    assert shop.confirms("ana@example.org") == 200

    shop.counts(SKU, 3)

    assert shop.told() == {"ana@example.org": 1}
    assert shop.figures(SKU)["told"] == 1
    assert shop.figures(SKU)["waiting"] == 0


@pytest.mark.promise("P3", "P5")
def test_ten_units_are_told_to_ten_of_a_hundred_and_the_next_wave_counts_again(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in customers(100):
        shop.waits(email, SKU)
        shop.world.clock.advance(seconds=1)

    shop.counts(SKU, 10)
    assert shop.told() == dict.fromkeys(customers(10), 1)

    shop.world.wait(minutes=30)
    assert len(shop.told()) == 10

    shop.counts(SKU, 4)
    shop.world.wait(minutes=31)
    shop.world.wait(minutes=1)
    assert shop.told() == dict.fromkeys(customers(14), 1)


def test_when_it_sells_out_before_the_next_wave_nobody_more_is_told(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in customers(20):
        shop.waits(email, SKU)
    shop.counts(SKU, 5)
    shop.counts(SKU, 0)

    shop.world.wait(hours=2)

    assert len(shop.told()) == 5


@pytest.mark.promise("P2", "P9")
def test_a_refused_address_costs_nobody_else_their_mail(shop: Shop) -> None:
    everybody = customers(120)
    shop.world.refused = {everybody[57]}
    shop.counts(SKU, 0)
    for email in everybody:
        shop.waits(email, SKU)

    shop.counts(SKU, 500)
    shop.world.wait(minutes=5)

    assert shop.told() == dict.fromkeys(set(everybody) - {everybody[57]}, 1)
    assert shop.figures(SKU)["refused"] == 1


@pytest.mark.promise("P8")
def test_the_unconfirmed_and_the_left_are_never_told(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.joins("unconfirmed@example.org", SKU)
    shop.joins("left@example.org", SKU)
    shop.confirms("left@example.org")
    assert shop.leaves("left@example.org") == 200

    shop.counts(SKU, 50)
    shop.world.wait(hours=2)

    assert shop.told() == {}


@pytest.mark.promise("P2", "P8")
def test_who_left_and_came_back_is_told(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.joins("ana@example.org", SKU)
    shop.confirms("ana@example.org")
    shop.leaves("ana@example.org")
    shop.world.clock.advance(minutes=2)
    shop.joins("ana@example.org", SKU)
    shop.confirms("ana@example.org")

    shop.counts(SKU, 1)

    assert shop.told() == {"ana@example.org": 1}


@pytest.mark.promise("P3")
def test_a_level_that_flaps_within_the_settle_time_restocks_once(shop: Shop) -> None:
    shop.settings(settle_seconds=60)
    shop.counts(SKU, 0)
    shop.waits("ana@example.org", SKU)
    for on_hand in (5, 0, 5):
        shop.counts(SKU, on_hand)

    shop.world.wait(seconds=61)
    shop.world.wait(minutes=5)

    assert shop.world.names().count("Restocked") == 1
    assert shop.told() == {"ana@example.org": 1}


@pytest.mark.promise("P2", "P3")
@pytest.mark.parametrize("settle_seconds", [0, 60])
@pytest.mark.parametrize("wait", [10, 90])
def test_goods_that_come_after_netting_freed_units_are_told_of(shop: Shop, settle_seconds: int, wait: int) -> None:
    shop.settings(settle_seconds=settle_seconds)
    shop.counts(SKU, 2)
    shop.world.wait(minutes=3)
    claims, now = ClaimBook(LedgerTable("Stock", shop.world.dynamodb)), shop.world.clock.now()
    claims.take(Claim(claim_id="c1", sku=SKU, kind="preorder", units=2), now=now)
    claims.settle(SKU, "c1", settled_at=to_text(now), now=now)
    shop.world.settle()
    shop.waits("ana@example.org", SKU)
    shop.world.clock.advance(seconds=1)
    shop.counts(SKU, 2, netted_until=to_text(shop.world.clock.now()))
    shop.world.wait(seconds=wait)
    assert shop.told() == {}

    shop.counts(SKU, 9)
    shop.world.wait(minutes=3)

    assert shop.told() == {"ana@example.org": 1}


@pytest.mark.promise("P3")
def test_any_of_several_is_told_once(shop: Shop) -> None:
    shop.counts("SHIRT-RED-M", 0)
    shop.counts("SHIRT-RED-L", 0)
    shop.waits("ana@example.org", "SHIRT-RED-M", "SHIRT-RED-L")

    shop.world.send("StockUpdates", shop.level("SHIRT-RED-M", 5))
    shop.world.send("StockUpdates", shop.level("SHIRT-RED-L", 5))
    shop.world.settle()
    shop.world.wait(hours=2)

    assert shop.told() == {"ana@example.org": 1}


@pytest.mark.promise("P5")
def test_who_wants_more_than_is_left_is_passed_over_and_keeps_the_place(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.waits("big@example.org", SKU, quantity=5)
    shop.world.clock.advance(seconds=1)
    shop.waits("small@example.org", SKU, quantity=2)

    shop.counts(SKU, 3)
    assert shop.told() == {"small@example.org": 1}

    shop.counts(SKU, 0)
    shop.counts(SKU, 5)
    assert shop.told() == {"small@example.org": 1, "big@example.org": 1}


def test_everybody_is_told_where_the_shop_says_so(shop: Shop) -> None:
    shop.settings(notify_everyone=True)
    shop.counts(SKU, 0)
    for email in customers(300):
        shop.waits(email, SKU)

    shop.counts(SKU, 1)
    shop.world.wait(minutes=5)

    assert shop.told() == dict.fromkeys(customers(300), 1)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("seed", range(5))
def test_the_newest_word_wins_whatever_arrives_twice_or_late(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    levels = []
    for on_hand in (3, 0, 7, 2, 9, 4):
        levels.append(shop.level(SKU, on_hand))
        shop.world.clock.advance(seconds=5)
    feed = levels + chance.sample(levels, 3)
    chance.shuffle(feed)

    for message in feed:
        shop.world.send("StockUpdates", message)
        if chance.random() < 0.5:
            shop.world.settle()
    shop.world.settle()

    assert shop.stock(SKU)["on_hand"] == 4


@pytest.mark.promise("P9")
def test_a_bad_message_is_set_aside_with_its_reason_and_the_good_ones_go_through(shop: Shop) -> None:
    bad = {"type": "stock.level", "sku": SKU, "location_id": "warehouse-1", "as_of": "2026-05-03T10:00:00Z"}
    shop.world.send("StockUpdates", shop.level("GOOD-1", 1))
    shop.world.send("StockUpdates", bad)
    shop.world.send("StockUpdates", "{not json")
    shop.world.send("StockUpdates", {"type": "batch", "messages": [shop.level("GOOD-2", 2), {**bad, "sku": "B2"}]})
    shop.world.settle()

    assert shop.stock("GOOD-1")["on_hand"] == 1
    assert shop.stock("GOOD-2")["on_hand"] == 2
    letters = list(shop.world.queues["StockDeadLetters"])
    assert len(letters) == 3
    assert {"{not json"} < {letter.body for letter in letters}
    assert all(letter.attributes["reason"] for letter in letters)


@pytest.mark.promise("P11")
def test_a_known_address_is_not_told_apart_from_an_unknown_one(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.waits("known@example.org", SKU)

    known = shop.joins("known@example.org", SKU)
    unknown = shop.joins("unknown@example.org", SKU)

    assert known == unknown == (202, {"status": "accepted"})


@pytest.mark.promise("P8")
def test_nothing_that_a_stranger_writes_into_a_request_is_mailed(shop: Shop) -> None:
    shop.counts(SKU, 0)
    evil = "www.evil-prizes.example"
    hostile: dict[str, Any] = {
        "email": "evil.prizes@example.org",
        "skus": ["You-have-won-1000-EUR", SKU, evil],
        "consent": {"wording": evil, "marketing": True, "name": evil},
        "quantity": 2,
        "locale": "evi-PRIZES",
        "digest": True,
        "until": str(shop.today()),
        "time_zone": evil,
        "near": "32.08,34.78",  # anything else is refused
        "name": evil,
        "subject": evil,
        "items": [evil],
        "sku": evil,
    }
    known = json.loads((files("standby.waitlist") / "json_schemas/waitlist.join.json").read_text("utf-8"))
    assert set(known["properties"]) <= set(hostile), "a field of the request that this test does not try"

    assert shop.world.request("waitlist_api", "POST", "/v1/waitlist", body=hostile)[0] == 202
    shop.world.settle()

    (mail,) = shop.world.mails
    said = f"{mail.subject}\n{mail.html}\n{mail.text}\n{mail.headers}\n{mail.tags}".lower()
    assert SKU.lower() in said
    assert not [word for word in ("evil", "prizes", "evi-", "won-1000") if word in said]


@pytest.mark.promise("P3", "P11")
def test_a_stranger_cannot_flood_an_address(shop: Shop) -> None:
    for number in range(20):
        shop.counts(f"SKU-{number}", 0)
    for number in range(20):
        shop.joins("victim@example.org", f"SKU-{number}")
        shop.world.wait(seconds=30)

    assert shop.world.mailed("confirm")["victim@example.org"] == CONFIRMATIONS_A_DAY


@pytest.mark.promise("P8")
def test_what_the_erp_never_named_is_accepted_and_mailed_to_nobody(shop: Shop) -> None:
    assert shop.joins("ana@example.org", "You-have-won-1000-EUR") == (202, {"status": "accepted"})
    assert shop.world.mails == []

    incoming = {"type": "stock.incoming", "purchase_order_id": "P-1", "sku": "SOON", "quantity": 5, "eta": "2026-06-01"}
    shop.world.send("StockUpdates", incoming)
    shop.world.settle()
    shop.joins("ana@example.org", "SOON")
    assert [mail.email for mail in shop.world.mails] == ["ana@example.org"]


@pytest.mark.promise("P8")
def test_marketing_is_off_unless_it_was_ticked(shop: Shop) -> None:
    assert CONSENT["marketing"] is False
    status, _ = shop.world.request(
        "waitlist_api", "POST", "/v1/waitlist", body={"email": "ana@example.org", "skus": [SKU]}
    )
    assert status == 400
