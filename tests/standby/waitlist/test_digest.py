"""Who ticked the weekly list is mailed what came back in the categories that they follow, once a week at most."""

from typing import Any

import pytest
from standby.platform.address import address_key
from standby.waitlist.model import MAIL_VALID

from tests.promises.shop import CONSENT, TOKENS, Shop
from tests.standby.availability.storefront import QUEUE, product_changed, variant
from tests.world import World

ANA, BEN = "ana@example.org", "ben@example.org"
AGREED = {**CONSENT, "marketing": True}
SWEEPS = "WaitlistSweeps"


def describe(
    world: World, product_id: str, *skus: str, category: str = "Clothes", edition: int = 1, **about: Any
) -> None:
    """Let the catalogue say that a product has SKUs, by their sizes."""
    variants = [variant(sku, edition, position=place, options={"Size": sku[-1]}) for place, sku in enumerate(skus)]
    title = {"en": product_id.capitalize()}
    world.send(
        QUEUE, product_changed(product_id, edition, *variants, **{"title": title, "category": category, **about})
    )
    world.settle()


@pytest.fixture
def shop(world: World) -> Shop:
    """A shop with a shirt that is sold out, and others."""
    shop = Shop(world)
    describe(world, "shirt", "SHIRT-S", "SHIRT-M")
    describe(world, "coat", "COAT-S", "COAT-M")
    describe(world, "mug", "MUG", category="Kitchen")
    for sku in ("SHIRT-S", "SHIRT-M", "COAT-S", "COAT-M", "MUG"):
        shop.counts(sku, 3)
        shop.counts(sku, 0)
    world.clock.advance(hours=2)
    return shop


def subscribes(shop: Shop, email: str = ANA, *skus: str, **more: Any) -> None:
    """Let somebody wait for something and tick the list, by the shop's own checkout or in the form."""
    shop.joins(email, *(skus or ("SHIRT-M",)), digest=True, consent=AGREED, **more)
    assert shop.confirms(email) == 200


def comes_back(shop: Shop, *skus: str) -> None:
    for sku in skus:
        shop.counts(sku, 3)
    shop.world.clock.advance(minutes=1)


def digest(shop: Shop, issue: str = "2026-05-07") -> None:
    """Let an issue of the list go out."""
    shop.world.send(SWEEPS, {"sweep": "digest", "issue": issue})
    shop.world.settle()
    assert not shop.world.failures


def lists(world: World, email: str = ANA) -> list[Any]:
    """Return the lists that somebody got."""
    return [mail for mail in world.mails if mail.email == email and "Back in stock this week" in mail.subject]


def test_who_ticked_it_reads_what_came_back_in_the_categories_that_they_follow(shop: Shop) -> None:
    subscribes(shop)
    comes_back(shop, "COAT-M", "MUG")
    digest(shop)
    (mail,) = lists(shop.world)
    assert "Coat" in mail.html
    assert "Mug" not in mail.html
    assert "https://" in mail.headers["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"digest": False, "consent": AGREED}, 0),
        ({"digest": True, "consent": CONSENT}, 1),
        ({"digest": True, "consent": AGREED}, 1),
    ],
    ids=["other advertising alone", "the list alone", "both"],
)
def test_who_ticked_the_list_gets_it_and_nobody_else_whatever_other_advertising_they_want(
    shop: Shop, wish: dict[str, Any], told: int
) -> None:
    shop.joins(ANA, "SHIRT-M", **wish)
    assert shop.confirms(ANA) == 200
    comes_back(shop, "COAT-M")
    digest(shop)
    assert len(lists(shop.world)) == told


def test_who_did_not_confirm_gets_none(shop: Shop) -> None:
    shop.joins(ANA, "SHIRT-M", digest=True, consent=AGREED)
    comes_back(shop, "COAT-M")
    digest(shop)
    assert lists(shop.world) == []


def test_it_outlives_what_was_waited_for_and_does_not_name_what_has_a_mail_of_its_own(shop: Shop) -> None:
    subscribes(shop)
    comes_back(shop, "SHIRT-M")
    assert shop.told() == {ANA: 1}
    digest(shop)
    assert lists(shop.world) == []
    comes_back(shop, "COAT-M")
    digest(shop, "2026-05-14")
    assert len(lists(shop.world)) == 1


def test_one_issue_is_sent_once_however_often_it_is_begun_and_each_return_named_once(shop: Shop) -> None:
    subscribes(shop)
    comes_back(shop, "COAT-M")
    for _ in range(3):
        digest(shop)
        shop.world.clock.advance(minutes=20)
    assert len(lists(shop.world)) == 1
    shop.world.clock.advance(days=7)
    digest(shop, "2026-05-14")
    assert len(lists(shop.world)) == 1, "nothing came back since"
    comes_back(shop, "COAT-S")
    digest(shop, "2026-05-15")
    assert len(lists(shop.world)) == 2


def test_nobody_gets_two_lists_in_a_week(shop: Shop) -> None:
    subscribes(shop)
    comes_back(shop, "COAT-M")
    digest(shop)
    shop.world.clock.advance(days=2)
    comes_back(shop, "COAT-S")
    digest(shop, "2026-05-09")
    assert len(lists(shop.world)) == 1
    shop.world.clock.advance(days=5)
    digest(shop, "2026-05-14")
    assert len(lists(shop.world)) == 2, "what it could not name then it names now"


def test_what_is_sold_out_again_is_not_named_and_a_list_of_nothing_is_not_sent(shop: Shop) -> None:
    describe(shop.world, "hat", "HAT")
    shop.counts("HAT", 1)
    shop.counts("HAT", 0)
    shop.world.clock.advance(hours=2)
    subscribes(shop)
    comes_back(shop, "COAT-M", "HAT")
    shop.counts("COAT-M", 0)
    digest(shop)
    (mail,) = lists(shop.world)
    assert "Coat" not in mail.html
    shop.counts("HAT", 0)
    shop.world.clock.advance(days=7)
    digest(shop, "2026-05-14")
    assert len(lists(shop.world)) == 1


def test_it_is_looked_at_again_when_it_is_sent(shop: Shop) -> None:
    subscribes(shop)
    comes_back(shop, "COAT-M", "COAT-S")
    shop.world.held = frozenset({"MailBulk"})
    digest(shop)
    assert len(shop.world.bodies("MailBulk")) == 1
    shop.counts("COAT-M", 0)
    shop.world.held = frozenset()
    shop.world.settle()
    assert lists(shop.world) == []


def test_the_next_that_fit_stand_in_for_what_is_gone_when_it_is_sent(shop: Shop) -> None:
    names = [f"K{number:02}" for number in range(9)]
    for name in names:
        describe(shop.world, name.lower(), f"{name}-M")
        shop.counts(f"{name}-M", 3)
        shop.counts(f"{name}-M", 0)
    shop.world.clock.advance(hours=2)
    subscribes(shop)
    comes_back(shop, "COAT-S", *(f"{name}-M" for name in names))
    shop.world.held = frozenset({"MailBulk"})
    digest(shop)
    shop.counts("K08-M", 0)
    shop.world.held = frozenset()
    shop.world.settle()
    (mail,) = lists(shop.world)
    shown = [name for name in (*names, "COAT") if f">{name.capitalize()}<" in mail.html]
    assert shown == names[:8], "in their size; the coat, in another, is the ninth that is left"


def test_the_size_that_was_waited_for_comes_first(shop: Shop) -> None:
    subscribes(shop, ANA, "SHIRT-M")
    comes_back(shop, "COAT-M", "COAT-S")
    digest(shop)
    (mail,) = lists(shop.world)
    assert ("<bdi>M</bdi>" in mail.html, "<bdi>S</bdi>" in mail.html) == (True, False)


def test_the_links_end_it(shop: Shop) -> None:
    subscribes(shop)
    subscribes(shop, BEN)
    comes_back(shop, "COAT-M")
    digest(shop)
    token = lists(shop.world)[0].link("digest/leave")
    status, said = shop.world.request("waitlist_api", "GET", "/v1/waitlist/digest/leave", query={"token": token})
    assert (status, said) == (200, {"status": "subscribed"})
    status, said = shop.world.request("waitlist_api", "POST", "/v1/waitlist/digest/leave", query={"token": token})
    assert (status, said) == (200, {"status": "left"})
    shop.world.settle()
    shop.world.clock.advance(days=7)
    comes_back(shop, "COAT-S")
    digest(shop, "2026-05-14")
    assert [len(lists(shop.world, email)) for email in (ANA, BEN)] == [1, 2]
    comes_back(shop, "SHIRT-M")
    assert shop.told() == {ANA: 1, BEN: 1}, "what was waited for goes on"
    subscribes(shop)
    shop.world.clock.advance(days=7)
    comes_back(shop, "SHIRT-S")
    digest(shop, "2026-05-21")
    assert len(lists(shop.world)) == 2, "who asks for it again gets it again"


@pytest.mark.parametrize("how", ["left", "erased", "bounced", "complained"])
def test_it_ends_with_all_else(shop: Shop, how: str) -> None:
    subscribes(shop)
    comes_back(shop, "COAT-M")
    if how == "left":
        assert shop.leaves(ANA) == 200
    else:
        stops(shop, how)
    shop.world.settle()
    digest(shop)
    assert lists(shop.world) == []
    kept = shop.world.memory.tables["Waitlist"].items
    assert [key for key, found in kept.items() if key.startswith("DIGEST#") and found] == []


def stops(shop: Shop, how: str) -> None:
    """Let an address be erased, or Mail hear that a mail to it came back or was complained about."""
    from standby.platform.address import address_key  # noqa: PLC0415

    at = shop.world.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if how == "erased":
        detail: Any = {"version": 1, "id": "erased-1", "at": at, "address": address_key(ANA)}
        for queue in ("WaitlistRecords", "MailFeedback"):
            shop.world.send(queue, {"source": "standby", "detail-type": "CustomerErased", "detail": detail})
        return
    says, name, about = (
        ("Email Bounced", "bounce", {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": ANA}]})
        if how == "bounced"
        else ("Email Complaint Received", "complaint", {"complainedRecipients": [{"emailAddress": ANA}]})
    )
    mail = {"messageId": "m", "destination": [ANA], "tags": {}}
    detail = {"eventType": name.capitalize(), "mail": mail, name: {"timestamp": at, "feedbackId": "f", **about}}
    shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": says, "detail": detail})


def test_two_hundred_subscribers_are_mailed_in_pages_once_each(shop: Shop) -> None:
    names = [f"c{number}@example.org" for number in range(203)]
    for name in names:
        shop.waits(name, "SHIRT-M", digest=True, consent={**AGREED, "at": "2026-05-03T10:00:00Z", "source": "checkout"})
    shop.world.settle()
    comes_back(shop, "COAT-M")
    digest(shop)
    told = [mail.email for mail in shop.world.mails if "Back in stock this week" in mail.subject]
    assert sorted(told) == sorted(names)
    jobs = [key for key in shop.world.memory.tables["Mail"].items if "JOB#digest#" in str(key)]
    assert len(jobs) <= 8, "a page of those who are named the same is one job"


def test_the_schedule_begins_it_in_its_hour(shop: Shop) -> None:
    """Thursday, 7 May 2026, 10:00 in the shop's zone."""
    subscribes(shop)
    comes_back(shop, "COAT-M")
    shop.world.clock.advance(minutes=-shop.world.clock.now().minute % 15)
    for _ in range(4 * 24 * 4):
        shop.world.clock.advance(minutes=15)
        shop.world.send(SWEEPS, {"sweep": "due"})
        shop.world.settle()
        if lists(shop.world):
            break
    now = shop.world.clock.now()
    assert (now.isoweekday(), len(lists(shop.world))) == (4, 1)


def own(shop: Shop, method: str, path: str = "", **more: Any) -> tuple[int, Any]:
    """Ask for somebody's own entries, or do something with one of them."""
    query = {"token": TOKENS.issue("mine", {"a": address_key(ANA)}, now=shop.world.clock.now(), lifetime=MAIL_VALID)}
    answer = shop.world.request("waitlist_api", method, f"/v1/waitlist/mine{path}", query=query, **more)
    shop.world.settle()
    return answer


def test_the_own_page_says_which_categories_somebody_follows_the_last_one_first(shop: Shop) -> None:
    assert own(shop, "GET")[1]["digest"] is None
    subscribes(shop)
    shop.world.clock.advance(minutes=2)
    subscribes(shop, ANA, "MUG")
    assert own(shop, "GET")[1]["digest"] == {"categories": ["Kitchen", "Clothes"]}
    _, page = own(shop, "GET", headers={"accept": "text/html"})
    assert page.index("Kitchen") < page.index("Clothes")


def test_the_own_page_ends_the_list_and_nothing_else_in_the_language_in_which_it_came(shop: Shop) -> None:
    subscribes(shop, locale="he")
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    assert own(shop, "POST", "/digest", body="action=leave", headers=form)[0] == 303
    _, mine = own(shop, "GET")
    assert (mine["digest"], [entry["skus"] for entry in mine["items"]]) == (None, [["SHIRT-M"]])
    comes_back(shop, "COAT-M")
    digest(shop)
    assert lists(shop.world) == []


def test_who_waits_for_nothing_more_reads_their_page_in_the_language_of_the_list(shop: Shop) -> None:
    subscribes(shop, locale="he")
    comes_back(shop, "SHIRT-M")
    shop.world.clock.advance(days=50)
    shop.world.send(SWEEPS, {"sweep": "due"})
    shop.world.settle()
    _, page = own(shop, "GET", headers={"accept": "text/html"})
    assert 'lang="he"' in page
    assert own(shop, "DELETE", "/digest")[0] == 204
    assert own(shop, "GET")[1]["digest"] is None
