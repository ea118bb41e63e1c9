"""Promises 2, 3 and 8 for customers who ask again: for the same, for something else, with another consent."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.shop import CONSENT, Shop
from tests.promises.waitlist_view import View

ANA = "ana@example.org"


def brings(shop: Shop, *skus: str, at: str, **more: Any) -> None:
    """Let the shop bring Ana's consent of some moment."""
    shop.world.clock.advance(seconds=1)
    consent = {**CONSENT, "at": at, "source": "account", **more.pop("consent", {})}
    shop.waits(ANA, *skus, **{"consent": consent, **more})
    shop.world.settle()


@pytest.mark.promise("P3")
@pytest.mark.parametrize("again", ["brought", "confirmed"])
def test_a_consent_older_than_the_last_mail_brings_no_second_mail_about_a_restock(shop: Shop, again: str) -> None:
    """A brought consent has its place at its own moment, which may lie before the place that told last time."""
    old = to_text(shop.world.clock.now() - timedelta(days=30))
    shop.counts("A", 0)
    shop.joins(ANA, "A")
    shop.confirms(ANA)
    shop.counts("A", 1)
    shop.counts("A", 0)
    shop.world.wait(minutes=5)
    brings(shop, "A", at=old, quantity=1)
    shop.counts("A", 5)
    shop.world.wait(minutes=2)
    assert shop.told() == {ANA: 2}

    if again == "brought":
        brings(shop, "A", at=old, quantity=2)
    else:
        shop.joins(ANA, "A")
        assert shop.confirms(ANA) == 200
    for _ in range(3):
        shop.world.wait(minutes=31)

    assert shop.told() == {ANA: 2}
    assert shop.figures("A")["waiting"] == 1


def stored(shop: Shop) -> list[tuple[dict[str, Any], set[bool]]]:
    """Return the consents of Ana's entries that are in line, each with the marketing of its places."""
    view = View(shop.world, {})
    (customer,) = view.customers().values()
    marketing: dict[str, set[bool]] = {}
    for item in view.items("LIST#"):
        marketing.setdefault(item["sk"].partition("#")[2], set()).add(item.get("marketing", False))
    return [(customer["entries"][entry]["consent"], found) for entry, found in marketing.items()]


@pytest.mark.promise("P8")
@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize("how", ["confirmed", "brought"])
def test_the_newest_consent_counts_for_what_is_waited_for_already(shop: Shop, how: str, *, ticked: bool) -> None:
    """Else a marketing consent would stay in force after it was withdrawn, or be proved by an older wording."""
    shop.counts("A", 0)
    shop.joins(ANA, "A", consent={"wording": "old", "marketing": not ticked})
    shop.confirms(ANA)
    shop.world.clock.advance(minutes=5)
    at = to_text(shop.world.clock.now())
    consent = {"wording": "new", "marketing": ticked}
    if how == "confirmed":
        shop.joins(ANA, "A", quantity=2, consent=consent)
        assert shop.confirms(ANA) == 200
    else:
        brings(shop, "A", at=at, consent=consent)

    source = "storefront" if how == "confirmed" else "account"
    assert stored(shop) == [({"wording": "new", "at": at, "source": source, "marketing": ticked}, {ticked})]


@pytest.mark.promise("P8")
def test_an_older_consent_takes_nothing_back(shop: Shop) -> None:
    old = to_text(shop.world.clock.now() - timedelta(days=30))
    shop.counts("A", 0)
    shop.joins(ANA, "A")
    shop.confirms(ANA)
    before = stored(shop)
    brings(shop, "A", at=old, quantity=2, consent={"wording": "old", "marketing": True})

    assert stored(shop) == before
    assert shop.figures("A")["units_wanted"] == 2


@pytest.mark.promise("P2")
@pytest.mark.parametrize("how", ["confirmed", "brought"])
def test_a_wish_about_one_sku_changes_nothing_about_another(shop: Shop, how: str) -> None:
    for sku in ("A", "B"):
        shop.counts(sku, 0)
    shop.joins(ANA, "A", "B")
    shop.confirms(ANA)
    shop.waits("ben@example.org", "A")
    shop.world.wait(minutes=2)
    wish = {"quantity": 9, "until": (shop.today() + timedelta(days=3)).isoformat()}
    if how == "confirmed":
        shop.joins(ANA, "A", **wish)
        assert shop.confirms(ANA) == 200
    else:
        brings(shop, "A", at=to_text(shop.world.clock.now()), **wish)
    assert (shop.figures("A")["units_wanted"], shop.figures("B")["units_wanted"]) == (10, 1)

    for _ in range(7):
        shop.world.wait(days=1)
    shop.counts("B", 5)
    shop.world.wait(minutes=2)
    assert shop.figures("B")["told"] == 1


@pytest.mark.promise("P2")
def test_a_wish_of_its_own_does_not_end_with_the_mail_about_another_sku(shop: Shop) -> None:
    for sku in "ABCD":
        shop.counts(sku, 0)
    shop.joins(ANA, "A", "B", "C", "D")
    shop.confirms(ANA)
    shop.world.wait(minutes=2)
    shop.waits("ben@example.org", "A")
    shop.joins(ANA, "A", "B", quantity=2)
    assert shop.confirms(ANA) == 200

    shop.counts("D", 5)
    assert shop.told() == {ANA: 1}
    shop.counts("A", 2)  # two units: Ana stands in front of Ben, as before
    shop.world.wait(minutes=2)
    assert shop.told() == {ANA: 2}
    assert shop.figures("B")["waiting"] == shop.figures("C")["waiting"] == 0


@pytest.mark.promise("P3")
def test_a_place_that_moves_while_its_mail_is_under_way_is_told_once(shop: Shop) -> None:
    for sku in ("A", "B"):
        shop.counts(sku, 0)
    shop.joins(ANA, "A", "B")
    shop.confirms(ANA)
    shop.world.wait(minutes=2)
    shop.world.held = {"MailBulk"}
    shop.counts("A", 5)
    assert shop.world.queues["MailBulk"]
    brings(shop, "A", at=to_text(shop.world.clock.now()), quantity=2)
    shop.world.held = set()
    shop.world.settle()
    for _ in range(3):
        shop.world.wait(minutes=31)

    assert shop.told() == {ANA: 1}
    assert (shop.figures("A")["waiting"], shop.figures("B")["waiting"]) == (1, 1)


@pytest.mark.promise("P2", "P8")
@pytest.mark.parametrize(
    ("other", "mails"),
    [
        ({}, 0),
        ({"locale": "he"}, 1),
        ({"consent": {"wording": "new", "marketing": False}}, 1),
        ({"consent": {**CONSENT, "marketing": True}}, 1),
        ({"digest": True}, 1),
        ({"skus": ["A"]}, 1),
    ],
    ids=["nothing", "language", "wording", "marketing", "digest", "SKUs"],
)
def test_who_asks_for_something_else_than_before_is_mailed(shop: Shop, other: dict[str, Any], mails: int) -> None:
    for sku in ("A", "B"):
        shop.counts(sku, 0)
    shop.joins(ANA, "A", "B")
    shop.confirms(ANA)
    shop.world.clock.advance(minutes=5)
    before = len(shop.world.mails)
    shop.joins(ANA, "A", "B", **other)
    assert len(shop.world.mails) == before + mails


@pytest.mark.promise("P2")
def test_who_asks_again_as_the_last_day_nears_goes_on_waiting(shop: Shop) -> None:
    """Also in the day after the last one, in which the entry is still stored and told nothing any more."""
    for sku in ("A", "B"):
        shop.counts(sku, 0)
    for sku, hours in (("A", 1), ("B", 24)):
        shop.joins(ANA, sku, until=shop.today().isoformat())
        assert shop.confirms(ANA) == 200
        shop.world.clock.advance(hours=hours)
        shop.joins(ANA, sku)
        assert shop.confirms(ANA) == 200
    for _ in range(3):
        shop.world.wait(days=1)
    for sku in ("A", "B"):
        shop.counts(sku, 5)
    shop.world.wait(minutes=2)

    assert [shop.figures(sku)["told"] for sku in ("A", "B")] == [1, 1]
