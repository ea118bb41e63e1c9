"""Who waits, agreed to advertising and gave a place is invited by a dated offer to the nearest store that has it."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.shop import CONSENT, OPS, TOKENS
from tests.standby.waitlist.invited import (
    ANA,
    BEN,
    CLEO,
    EILAT,
    HAIFA,
    OFFER,
    TODAY,
    Inviting,
    book,
    invitations,
    invited,
)
from tests.world import World


@pytest.fixture
def shop(world: World) -> Inviting:
    """Return a shop with three stores; a shirt is gone online, and two stores have it."""
    shop = Inviting(world)
    shop.opens()
    shop.sells("SHIRT", "COAT")
    shop.has("dizengoff", "SHIRT", 3)
    shop.has("carmel", "SHIRT", 2)
    return shop


def test_who_waits_is_invited_to_the_nearest_store_that_has_it(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.wishes(BEN, near=HAIFA)
    shop.offers(kind="next_purchase_percent", percent=15, code="MAY-15")
    shop.invites()
    (ana,), (ben,) = invitations(shop.world, ANA), invitations(shop.world, BEN)
    assert "Dizengoff 50" in ana.text
    assert "15" in ana.text
    assert "MAY-15" in ana.text
    assert "Herzl 1" in ben.text
    assert "https://" in ana.headers["List-Unsubscribe"]
    assert ana.subject.startswith("פרסומת")
    assert (shop.shown()["invited"], shop.shown()["told"]) == (2, 2)


@pytest.mark.parametrize(
    "wish",
    [{"marketing": False}, {"near": None}, {"near": EILAT}, {"quantity": 4}, {"skus": ("COAT",)}],
    ids=["no advertising", "no place", "too far", "more than the store has", "what no store has"],
)
def test_nobody_else_is(shop: Inviting, wish: dict[str, Any]) -> None:
    skus = wish.pop("skus", ())
    shop.wishes(ANA, *skus, **wish)
    shop.offers()
    shop.invites()
    assert invited(shop.world) == []
    assert shop.shown()["invited"] == 0


def test_who_did_not_confirm_is_not(shop: Inviting) -> None:
    shop.joins(ANA, "SHIRT", near="32.08,34.78", consent={**CONSENT, "marketing": True})
    shop.offers()
    shop.invites()
    assert invited(shop.world) == []
    assert shop.confirms(ANA) == 200
    shop.offers(km=20)
    shop.invites()
    assert invited(shop.world) == [ANA]


def test_what_can_be_bought_online_has_mails_of_its_own(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.wishes(BEN, quantity=2)
    shop.counts("SHIRT", 1)
    shop.offers()
    shop.invites()
    assert invited(shop.world) == []


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"skus": ["SHIRT"]}, [ANA, BEN]),
        ({"skus": ["COAT"]}, []),
        ({"categories": ["Clothes"]}, [ANA, BEN]),
        ({"categories": ["Kitchen"], "skus": ["SHIRT"]}, [ANA, BEN]),
        ({"categories": ["Kitchen"]}, []),
        ({"stores": ["carmel"]}, [BEN]),
        ({"stores": ["jaffa"]}, []),
        ({"stores": ["carmel"], "km": 200}, [ANA, BEN]),
        ({"km": 1}, [ANA, BEN]),
        ({"since": "2026-05-04", "until": "2026-05-05"}, []),
        ({"hour": 14}, []),
        ({"hour": 13}, [ANA, BEN]),
    ],
    ids=lambda said: repr(said) if isinstance(said, dict) else f"{len(said)} invited",
)
def test_an_offer_counts_for_what_it_says(shop: Inviting, terms: dict[str, Any], told: list[str]) -> None:
    shop.wishes(ANA)
    shop.wishes(BEN, near=HAIFA)
    shop.offers(**terms)
    shop.invites()
    assert invited(shop.world) == told


def test_one_mail_a_person_and_offer_however_often_it_is_looked_and_changed(shop: Inviting) -> None:
    shop.wishes(ANA)
    for _ in range(3):
        shop.offers(until="2026-05-04")
        shop.invites()
    shop.offers(until="2026-05-05", kind="early_access")
    shop.invites()
    shop.world.clock.advance(days=1)
    shop.invites()
    assert invited(shop.world) == [ANA]


def test_no_more_are_invited_than_the_shop_said_and_a_raised_number_makes_room_at_once(shop: Inviting) -> None:
    for email in (ANA, BEN, CLEO):
        shop.wishes(email)
    shop.offers(most=1)
    shop.invites()
    assert len(invited(shop.world)) == 1
    shop.offers(most=2)
    shop.invites()
    assert len(invited(shop.world)) == 2
    shop.offers(most=1)
    shop.invites()
    assert (len(invited(shop.world)), shop.shown()["invited"]) == (2, 2)


def test_a_mail_that_is_held_back_gives_its_place_back(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers("first", until="2026-05-09")
    shop.invites()
    shop.offers("second", until="2026-05-20")
    shop.invites()
    assert invited(shop.world) == [ANA]
    assert (shop.shown("first")["invited"], shop.shown("second")["invited"]) == (1, 0)
    shop.world.clock.advance(days=7)
    shop.invites()
    assert invited(shop.world) == [ANA, ANA], "a week later it may"
    assert (shop.shown("second")["invited"], shop.shown("second")["told"]) == (1, 1)


def test_what_the_store_sold_meanwhile_is_not_offered(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers()
    shop.world.held = frozenset({"MailBulk"})
    shop.invites()
    shop.has("dizengoff", "SHIRT", 0)
    shop.world.held = frozenset()
    shop.world.settle()
    assert invited(shop.world) == []
    assert shop.shown()["invited"] == 0


@pytest.mark.parametrize("how", ["ended", "reworded"])
def test_what_the_shop_takes_back_is_not_sent(shop: Inviting, how: str) -> None:
    shop.wishes(ANA)
    shop.offers(kind="next_purchase_percent", percent=50)
    shop.world.held = frozenset({"MailBulk"})
    shop.invites()
    if how == "ended":
        shop.ends()
    else:
        shop.offers(kind="next_purchase_percent", percent=5)
    shop.world.held = frozenset()
    shop.world.settle()
    assert invited(shop.world) == []
    shop.invites()
    assert invited(shop.world) == ([] if how == "ended" else [ANA])
    assert all("50" not in mail.text.replace("Dizengoff 50", "") for mail in invitations(shop.world))


@pytest.mark.parametrize("how", ["leaves", "refuses", "ends the entry", "is erased"])
def test_who_wants_none_meanwhile_gets_none(shop: Inviting, how: str) -> None:
    shop.wishes(ANA)
    shop.offers("first")
    shop.invites()
    (mail,) = invitations(shop.world)
    shop.world.clock.advance(days=7)
    shop.offers("second", since="2026-05-10", until="2026-05-12")
    shop.world.held = frozenset({"MailBulk"})
    shop.invites()
    takes_back(shop, how, mail)
    shop.world.held = frozenset()
    shop.world.settle()
    shop.invites()
    assert invited(shop.world) == [ANA]
    assert shop.shown("second")["invited"] == 0 or how == "is erased"
    assert shop.figures("SHIRT")["waiting"] == (1 if how == "refuses" else 0)


def takes_back(shop: Inviting, how: str, mail: Any) -> None:
    """Let Ana want no invitation any more."""
    world = shop.world
    if how == "refuses":
        token = {"token": mail.link("store-offers/leave")}
        assert world.request("waitlist_api", "POST", "/v1/waitlist/store-offers/leave", query=token)[0] == 200
    elif how == "ends the entry":
        shop.gives_up(ANA)
    elif how == "leaves":
        token = {"token": leave_token(shop)}
        assert world.request("waitlist_api", "POST", "/v1/waitlist/leave", query=token)[0] == 200
    else:
        at = to_text(world.clock.now())
        erased = {"id": "e", "version": 1, "at": at, "address": address_key(ANA)}
        for queue in ("WaitlistRecords", "MailFeedback"):
            world.send(queue, {"detail-type": "CustomerErased", "source": "standby", "detail": erased})
    world.settle()


def leave_token(shop: Inviting) -> str:
    """Return the token of the link that ends everything for Ana."""
    now = shop.world.clock.now()
    return TOKENS.issue("leave", {"a": address_key(ANA)}, now=now, lifetime=timedelta(days=1))


def test_who_refused_invitations_is_invited_again_once_they_agree_anew(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers("first")
    shop.invites()
    (mail,) = invitations(shop.world)
    takes_back(shop, "refuses", mail)
    shop.world.clock.advance(days=7)
    shop.offers("second", since="2026-05-10", until="2026-05-10")
    shop.invites()
    assert invited(shop.world) == [ANA]
    shop.wishes(ANA, "SHIRT")
    shop.offers("second", since="2026-05-10", until="2026-05-10", km=20)
    shop.invites()
    assert invited(shop.world) == [ANA, ANA]


def test_todays_offer_never_arrives_tomorrow(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers(kind="today_only")
    shop.world.held = frozenset({"MailBulk"})
    shop.invites()
    shop.world.clock.advance(hours=14)
    shop.world.held = frozenset()
    shop.world.settle()
    shop.invites()
    assert invited(shop.world) == []
    assert shop.shown()["invited"] == 0


def test_the_sweep_of_the_quarter_invites(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers(since="2026-05-04", until="2026-05-04", hour=9)
    begins = shop.world.clock.now().replace(hour=5, minute=45, second=0, microsecond=0)
    for minutes in (24 * 60, 24 * 60 + 15):
        shop.world.clock.at = begins
        shop.world.wait(minutes=minutes)
        assert invited(shop.world) == ([] if minutes == 24 * 60 else [ANA])


def test_the_shops_own_tools_hear_who_was_invited_and_no_address(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.wishes(BEN)
    shop.offers()
    shop.invites()
    told = [detail for name, detail in shop.world.events if name == "InvitedToStore"]
    assert [(each["offer_id"], each["kind"], each["location_id"], each["customers"]) for each in told] == [
        ("may", "gift_wrap", "dizengoff", 2)
    ]


def test_an_erasure_takes_away_by_what_somebody_was_invited(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers()
    shop.invites()
    assert shop.invited_by(ANA) == ["may"]
    takes_back(shop, "is erased", None)
    assert (shop.invited_by(ANA), book(shop.world).refusals([address_key(ANA)])) == ([], {})
    assert shop.shown()["invited"] == 1, "the place stays taken"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "raffle"}, "kind"),
        ({"percent": 10}, "percent"),
        ({"kind": "next_purchase_percent"}, "percent"),
        ({"kind": "next_purchase_percent", "percent": 100}, "percent"),
        ({"kind": "today_only", "until": "2026-05-04"}, "until"),
        ({"until": "2026-05-02"}, "until"),
        ({"since": "2026-05-01", "until": "2026-05-02"}, "until"),
        ({"until": "2026-08-03"}, "until"),
        ({"since": "2026-13-01"}, "since"),
        ({"since": "0001-01-01"}, "until"),
        ({"since": "9999-12-31", "until": "9999-12-31"}, "since"),
        ({"since": "2027-05-05", "until": "2027-05-05"}, "since"),
        ({"most": 0}, "most"),
        ({"km": 201}, "km"),
        ({"hour": 21}, "hour"),
        ({"stores": ["a", "a"]}, "stores"),
        ({"texts": {"en": ""}}, "texts"),
        ({"texts": {"english please": "x"}}, "texts"),
        ({"code": "A\nB"}, "code"),
        ({"color": "red"}, "color"),
    ],
    ids=repr,
)
def test_what_cannot_be_is_refused_by_name(shop: Inviting, wrong: dict[str, Any], said: str) -> None:
    body = {**OFFER, **wrong}
    status, answer = shop.world.request("waitlist_api", "PUT", "/v1/store-offers/may", body=body, scopes=OPS)
    assert (status, said in answer["detail"]) == (400, True), answer


def test_offers_are_shown_and_the_same_again_changes_nothing(shop: Inviting) -> None:
    world, path = shop.world, "/v1/store-offers/may"
    assert world.request("waitlist_api", "GET", path, scopes=OPS)[0] == 404
    assert world.request("waitlist_api", "DELETE", path, scopes=OPS)[0] == 404
    body = {**OFFER, "texts": {"he": "בואו"}, "stores": ["carmel"]}
    made = [world.request("waitlist_api", "PUT", path, body=body, scopes=OPS) for _ in range(2)]
    assert [status for status, _ in made] == [201, 200]
    assert made[0][1] == made[1][1]
    shop.ends()
    shop.ends()
    assert shop.shown()["ended_at"] is not None
    _, listed = world.request("waitlist_api", "GET", "/v1/store-offers", scopes=OPS)
    assert [each["offer_id"] for each in listed["items"]] == ["may"]
    assert listed["items"][0]["until"] == TODAY
    assert shop.offers()["ended_at"] is None, "said anew, it goes on"
    for wrong in ("May", "a b", "-a", "a" * 65):
        assert world.request("waitlist_api", "PUT", f"/v1/store-offers/{wrong}", body=body, scopes=OPS)[0] == 400


def test_there_is_a_bound_of_offers(shop: Inviting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.waitlist.store_offers.MOST_OFFERS", 1)
    shop.offers("one")
    body = {**OFFER}
    status, _ = shop.world.request("waitlist_api", "PUT", "/v1/store-offers/two", body=body, scopes=OPS)
    assert status == 409
    shop.ends("one")
    shop.offers("two")
    status, _ = shop.world.request("waitlist_api", "PUT", "/v1/store-offers/one", body=body, scopes=OPS)
    assert status == 409, "one that had ended needs room, too"


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "We gift-wrap it in silk."), ("he", "נעטוף לכם אותו במתנה")], ids=["own", "ours"]
)
def test_the_shops_own_words_stand_in_their_language_and_ours_in_others(
    shop: Inviting, locale: str, words: str
) -> None:
    shop.wishes(ANA, locale=locale)
    shop.offers(texts={"en": "We gift-wrap it in silk."})
    shop.invites()
    (mail,) = invitations(shop.world)
    assert words in mail.text
