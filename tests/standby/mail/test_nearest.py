"""The notice that something is back names the nearest store that has it, to whoever gave a place."""

import re
from typing import Any

import pytest
from standby.mail.model import OWN_BLOCKS
from standby.mail.rendering import MailRenderer
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.crashes import FAULTS, Make
from tests.services import Outage
from tests.standby.availability.storefront import Storefront
from tests.standby.mail.looking import LANGUAGES, ROOTS, sample
from tests.standby.mail.test_blocks import HOSTILE
from tests.world import World

HAIFA = {
    "name": "Olive Haifa",
    "latitude": 32.8184,
    "longitude": 34.9885,
    "phone": "04-555-0102",
    "address": "Ben Gurion 1",
}
JAFFA = {"name": "Olive Jaffa", "latitude": 32.0526, "longitude": 34.7499, "hours": {"sun": [["09:30", "24:00"]]}}
TEL_AVIV, KARMIEL, BERLIN = "32.0853,34.7818", "32.9190,35.2901", "52.52,13.40"
SKU = "MUG"


@pytest.fixture
def shop(world: World) -> Storefront:
    shop = Storefront(world)
    shop.counts(SKU, 0)
    shop.describes("haifa", **HAIFA)
    shop.describes("jaffa", **JAFFA)
    return shop


def lies(shop: Storefront, location_id: str, units: int) -> None:
    Storefront(shop.world, location=location_id).counts(SKU, units)


def told(shop: Storefront) -> dict[str, str]:
    """Let the SKU come back, and return by address what was mailed."""
    before = len(shop.world.mails)
    shop.counts(SKU, 100)
    shop.world.settle()
    return {mail.email: mail.text for mail in shop.world.mails[before:]}


def test_whoever_gave_a_place_is_told_the_nearest_store_that_has_it(shop: Storefront) -> None:
    lies(shop, "haifa", 3)
    lies(shop, "jaffa", 1)
    for email, near in (("tel-aviv", TEL_AVIV), ("karmiel", KARMIEL), ("berlin", BERLIN), ("nowhere", None)):
        shop.waits(f"{email}@example.org", SKU, near=near)

    calls = shop.world.post.calls
    mails = told(shop)

    assert shop.world.post.calls == calls + 1, "a place costs no call of SES"
    assert "Olive Jaffa" in mails["tel-aviv@example.org"]
    assert "about \u20685\u2069 km" in mails["tel-aviv@example.org"]
    assert "Sunday: \u20689:30 AM" in mails["tel-aviv@example.org"].replace("\u202f", " ")
    assert "Olive Haifa" in mails["karmiel@example.org"]
    assert "Ben Gurion 1" in mails["karmiel@example.org"]
    assert "about \u206830\u2069 km" in mails["karmiel@example.org"]
    for email in ("berlin@example.org", "nowhere@example.org"):
        assert "Olive" not in mails[email].replace("Olive & Loom", "")
        assert "km" not in mails[email]


def test_a_store_that_has_none_any_more_when_the_mail_is_sent_is_not_named(shop: Storefront) -> None:
    lies(shop, "haifa", 3)
    lies(shop, "jaffa", 1)
    shop.waits("ana@example.org", SKU, near=TEL_AVIV)
    shop.world.post.outage = Outage("ServiceUnavailable", 503)
    assert told(shop) == {}

    lies(shop, "jaffa", 0)
    shop.world.post.outage = None
    shop.world.wait(minutes=5)
    (mail,) = (mail for mail in shop.world.mails if mail.email == "ana@example.org")
    assert not [word for word in ("Olive Jaffa", "Olive Haifa", "km") if word in mail.text]


@pytest.mark.parametrize("gone", ["is sold out", "is a warehouse now", "is too far"])
def test_without_a_store_the_notice_is_as_it_would_be_without_a_place(shop: Storefront, gone: str) -> None:
    if gone != "is sold out":
        lies(shop, "haifa", 3)
    if gone == "is a warehouse now":
        shop.describes("haifa", **{**HAIFA, "kind": "warehouse", "sells_online": True})
    near = BERLIN if gone == "is too far" else KARMIEL
    shop.waits("ana@example.org", SKU, near=near)
    shop.waits("ben@example.org", SKU)

    mails = told(shop)

    own, other = (re.sub(r"token=\S+", "", mails[f"{name}@example.org"]) for name in ("ana", "ben"))
    assert own == other
    assert not [mail for mail in shop.world.mails if "{{" in mail.html + mail.text]


@pytest.mark.promise("P3")
@pytest.mark.parametrize("fault", ["throttled", "killed before", "killed after"])
def test_where_the_shelf_cannot_be_read_the_notice_waits_and_goes_once(shop: Storefront, fault: str) -> None:
    lies(shop, "haifa", 3)
    shop.waits("ana@example.org", SKU, near=KARMIEL)
    failing = [True, True]

    def stores_fail(_service: str, operation: str, parameters: Any, make: Make) -> Any:
        if operation == "BatchGetItem" and "STORE#haifa" in str(parameters) and failing:
            failing.pop()
            return FAULTS[fault](operation, parameters, make)
        return make()

    shop.world.tap = stores_fail
    told(shop)
    for _ in range(4):
        shop.world.wait(minutes=7)
    assert failing == []
    (mail,) = (mail for mail in shop.world.mails if mail.email == "ana@example.org")
    assert "Olive Haifa" in mail.text


def test_who_was_erased_is_told_of_no_store(shop: Storefront) -> None:
    lies(shop, "haifa", 3)
    shop.waits("ana@example.org", SKU, near=KARMIEL)
    shop.world.post.outage = Outage("ServiceUnavailable", 503)
    told(shop)
    erased = {"address": address_key("ana@example.org"), "at": to_text(shop.world.clock.now()), "id": "erased#1"}
    for queue in ("MailFeedback", "WaitlistRecords"):
        shop.world.send(queue, {"source": "standby", "detail-type": "CustomerErased", "detail": erased})
    shop.world.settle()
    shop.world.post.outage = None
    shop.world.wait(minutes=5)
    assert [mail for mail in shop.world.mails if mail.email == "ana@example.org"] == []


STORE = {
    "name": "Olive Jaffa",
    "lines": ["Old Port 3", "Jaffa"],
    "phone": "03-555-0101",
    "hours": [{"from_day": 7, "to_day": 4, "opens": "09:30", "closes": "00:00"}],
    "km": 5,
}


def renderer(*stores: dict[str, Any]) -> MailRenderer:
    found = {f"{number}.00,0.00": store for number, store in enumerate(stores)}
    return MailRenderer(
        "Olive & Loom <a@shop.example>",
        "Tel Aviv",
        "default",
        kinds=ROOTS,
        nearest=lambda _sku, places: {place: found[place] for place in places if place in found},
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_store_is_called_is_never_markup_nor_a_slot(language: str) -> None:
    hostile = {**STORE, "name": HOSTILE, "lines": [HOSTILE], "phone": HOSTILE}
    mail = renderer(hostile).render("back_in_stock", language, sample("back_in_stock")["data"], places=["0.00,0.00"])
    own = mail.own_blocks("0.00,0.00")

    assert mail.slots == frozenset({"mine", "leave"})
    assert own.keys() == set(OWN_BLOCKS)
    for part in own.values():
        assert "{{" not in part
        assert "<img src=x" not in own["nearest"]
        assert not set(part) & {"\ue000", "\ue001", "\u202e"}


def test_each_place_has_its_own_store_and_the_others_none() -> None:
    write = renderer(STORE, {**STORE, "name": "Olive Haifa", "close": True, "lines": [], "hours": []}).render
    data = sample("back_in_stock")["data"]
    plain = write("back_in_stock", "en", data)
    mail = write("back_in_stock", "en", data, places=["0.00,0.00", "1.00,0.00", "2.00,0.00"])

    assert (plain.nearest, plain.own_blocks("0.00,0.00")) == ({}, {})
    for name, filled in zip(OWN_BLOCKS, (mail.html, mail.text), strict=True):
        assert filled.replace(f"{{{{{name}}}}}", "") == (plain.html if name == "nearest" else plain.text)
    for nobody in (None, "2.00,0.00", "no place"):
        assert set(mail.own_blocks(nobody).values()) == {""}
    assert [("Jaffa" in part, "Haifa" in part) for part in mail.own_blocks("0.00,0.00").values()] == [(True, False)] * 2
    assert [("Jaffa" in part, "Haifa" in part) for part in mail.own_blocks("1.00,0.00").values()] == [(False, True)] * 2
    assert write("back_in_stock", "en", data) is plain


def test_a_kind_that_names_no_store_asks_for_none() -> None:
    def unasked(_sku: str, _places: Any) -> Any:
        raise AssertionError

    silent = MailRenderer("a@shop.example", "Tel Aviv", "default", kinds=ROOTS, nearest=unasked)
    silent.render("last_notice", "en", sample("last_notice")["data"], places=["0.00,0.00"])
    silent.render("back_in_stock", "en", sample("back_in_stock")["data"])
