"""Joining: an unconfirmed entry, a limited confirmation mail, and nothing to be learned from outside."""

import pytest
from standby.platform.address import address_key
from standby.platform.tokens import TokenExpiredError
from standby.waitlist import items
from standby.waitlist.model import CONFIRMATIONS_A_DAY, MOST_ENTRIES, MOST_UNCONFIRMED, UNCONFIRMED_DAYS

from tests.standby.waitlist.conftest import KEYS, SKU, TABLE, House
from tests.standby.waitlist.test_budgets import requests

ANA = "ana@example.org"


def test_joining_mails_a_confirmation_and_lists_nobody(house: House) -> None:
    house.sign_up.join(house.wish(ANA, SKU, "SHIRT-RED-L"))

    (job,) = house.urgent.bodies()
    assert job["kind"] == "confirm"
    assert job["data"]["skus"] == [SKU, "SHIRT-RED-L"]
    assert job["recipients"][0]["email"] == ANA
    assert house.token("confirm")["a"] == address_key(ANA)
    assert house.token("leave") == {"a": address_key(ANA)}
    assert house.line() == []
    assert house.counts() == {"unconfirmed": 1}


def test_joining_again_within_a_minute_is_the_same_mail(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    house.clock.advance(seconds=30)
    house.sign_up.join(house.wish(ANA))

    assert len({job["job_id"] for job in house.urgent.bodies()}) == 1
    assert house.counts() == {"unconfirmed": 1}


def test_joining_again_later_mails_the_same_entry_again(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    first = house.token("confirm")
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(ANA))

    assert len({job["job_id"] for job in house.urgent.bodies()}) == 2
    assert house.token("confirm") == first
    assert house.counts() == {"unconfirmed": 1}


def test_two_products_in_one_minute_make_two_mails_a_minute_apart(house: House) -> None:
    house.sign_up.join(house.wish(ANA, "A"))
    house.sign_up.join(house.wish(ANA, "B"))

    assert [message.delay_seconds for message in house.urgent.messages] == [0, 60]


def test_an_address_gets_five_confirmations_a_day_and_more_the_day_after(house: House) -> None:
    for number in range(8):
        house.sign_up.join(house.wish(ANA, f"SKU-{number}"))
        house.clock.advance(minutes=5)
    assert len(house.urgent.messages) == 5

    house.clock.advance(days=1)
    house.sign_up.join(house.wish(ANA, "SKU-9"))
    assert len(house.urgent.messages) == 6


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    "spelled",
    ["ana+{}@example.org", "Ana+x+{}@Example.org", "a.na+{}@gmail.com", "an.a+{}@googlemail.com"],
)
def test_a_mailbox_gets_five_confirmations_a_day_however_its_address_is_spelled(house: House, spelled: str) -> None:
    """Nobody floods a mailbox by tags: each of its addresses is another one, and all of them are counted together."""
    for number in range(100):
        house.sign_up.join(house.wish(spelled.format(number)))
        house.clock.advance(minutes=5)
    house.sign_up.join(house.wish(spelled.format("").replace("+@", "@")))
    assert len(house.urgent.messages) == CONFIRMATIONS_A_DAY
    assert len({job["recipients"][0]["email"] for job in house.urgent.bodies()}) == CONFIRMATIONS_A_DAY

    house.sign_up.join(house.wish("ben@example.org"))
    assert house.urgent.bodies()[-1]["recipients"][0]["email"] == "ben@example.org"
    house.clock.advance(days=1)
    house.sign_up.join(house.wish(spelled.format("tomorrow")))
    assert len(house.urgent.messages) == CONFIRMATIONS_A_DAY + 2


def test_dots_are_counted_where_no_provider_says_that_they_do_not_matter(house: House) -> None:
    for name in ("ana.cohen", "anacohen", "a.n.a.cohen"):
        for number in range(CONFIRMATIONS_A_DAY):
            house.sign_up.join(house.wish(f"{name}@example.org", f"SKU-{number}"))
    assert len(house.urgent.messages) == 3 * CONFIRMATIONS_A_DAY


@pytest.mark.promise("P8")
def test_two_tags_at_once_are_mailed_a_minute_apart(house: House) -> None:
    house.sign_up.join(house.wish("ana+a@example.org"))
    house.sign_up.join(house.wish("ana+b@example.org"))
    assert [message.delay_seconds for message in house.urgent.messages] == [0, 60]


@pytest.mark.promise("P8")
def test_a_flood_by_tags_displaces_nothing_of_the_mailbox_s_owner(house: House) -> None:
    house.waits(ANA, "MINE")
    house.sign_up.join(house.wish(ANA, "ASKED"))
    asked = house.token("confirm")
    for number in range(MOST_UNCONFIRMED + 20):
        house.sign_up.join(house.wish(f"ana+{number % 7}@example.org", f"SKU-{number}"))
        house.clock.advance(minutes=1)

    house.sign_up.confirm(asked["a"], asked["e"])
    assert (house.line("MINE"), house.line("ASKED")) == ([ANA], [ANA])


def test_who_already_waits_gets_no_mail(house: House) -> None:
    house.waits(ANA)
    house.sign_up.join(house.wish(ANA))

    assert house.urgent.messages == []
    assert house.counts() == {"waiting": 1, "units_wanted": 1}


def test_a_stranger_changes_nothing_about_an_entry_that_is_in_line(house: House) -> None:
    house.waits(ANA, quantity=1)
    house.sign_up.join(house.wish("ANA@example.org", quantity=9, locale="he"))

    customer = house.customers.customer(address_key(ANA))
    (listed,) = house.waves.stretch(SKU, "").listings
    assert (listed.quantity, listed.locale, listed.email) == (1, "en", ANA)
    assert (customer.email, customer.locale) == (ANA, "en")


def test_flooding_an_address_only_displaces_the_flood(house: House) -> None:
    house.waits(ANA, "MINE")
    house.sign_up.join(house.wish(ANA, "ASKED"))
    asked = house.token("confirm")
    for number in range(60):
        house.sign_up.join(house.wish(ANA, f"SKU-{number}"))
        house.clock.advance(seconds=1)

    customer = house.customers.customer(address_key(ANA))
    assert sum(not entry.waiting for entry in customer.entries.values()) == MOST_UNCONFIRMED
    assert house.line("MINE") == [ANA]
    assert house.counts("SKU-10") == {}
    assert house.counts("SKU-59") == {"unconfirmed": 1}
    house.sign_up.confirm(asked["a"], asked["e"])
    assert house.line("ASKED") == [ANA]


def test_every_link_that_was_mailed_confirms_however_long_a_flood_lasts(house: House) -> None:
    for number in range(8 * 6):
        house.sign_up.join(house.wish(ANA, f"SKU-{number}"))
        house.clock.advance(hours=4)

    opened = 0
    for job in house.urgent.bodies():
        token = job["recipients"][0]["slots"]["confirm"]
        try:
            link = KEYS.read("confirm", token, now=house.clock.now())
        except TokenExpiredError:
            continue
        house.sign_up.pending(link["a"], link["e"])
        opened += 1
    assert opened >= (UNCONFIRMED_DAYS - 1) * CONFIRMATIONS_A_DAY


CHANGED = {
    "quantity": 999,
    "wording": "another",
    "marketing": True,
    "locale": "he",
    "until": "2026-05-03",
    "digest": True,
}


@pytest.mark.promise("P8")
@pytest.mark.parametrize("name", CHANGED)
def test_a_link_confirms_what_its_mail_said_whatever_a_stranger_asks_meanwhile(house: House, name: str) -> None:
    house.sign_up.join(house.wish(ANA))
    ana = house.token("confirm")
    (before,) = house.customers.customer(address_key(ANA)).entries.values()
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(ANA, **{name: CHANGED[name]}))

    assert len(house.urgent.messages) == 2, "another request is another one, with a mail of its own"
    confirmed = house.sign_up.confirm(ana["a"], ana["e"])
    assert (confirmed.consent, confirmed.quantity, confirmed.until, confirmed.locale, confirmed.digest) == (
        before.consent,
        before.quantity,
        before.until,
        before.locale,
        before.digest,
    )


def test_the_confirmation_mail_says_all_that_is_confirmed(house: House) -> None:
    house.sign_up.join(house.wish(ANA, "A", "B", quantity=3, until="2026-06-30", marketing=True))
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(ANA, "C"))
    first, second = (job["data"] for job in house.urgent.bodies())

    assert (first["skus"], first["quantity"], first["until"], first["marketing"]) == (["A", "B"], 3, "2026-06-30", True)
    assert (second["quantity"], second["until"]) == (1, "2027-05-03")
    assert "marketing" not in second


def test_addresses_that_differ_in_case_are_one(house: House) -> None:
    """Each spelling has a wish of its own, so that a link brings the spelling to which it was mailed."""
    for spelling in ("Ana@Example.org", ANA):
        house.sign_up.join(house.wish(spelling))
        house.clock.advance(minutes=2)
    for entry_id in list(house.customers.customer(address_key(ANA)).entries):
        house.sign_up.confirm(address_key(ANA), entry_id)

    assert house.counts() == {"waiting": 1, "units_wanted": 1}
    assert house.line() == [ANA]


@pytest.mark.promise("P11")
@pytest.mark.parametrize("known", ["waits", "joins", "full", "nobody"])
def test_a_sign_up_writes_as_many_items_and_sends_one_message_whatever_is_known(
    house: House, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    """Else the time that it takes would tell; the calls themselves are counted in `tests.promises.test_public_work`."""
    if known == "waits":
        house.waits(ANA, SKU, "SHIRT-RED-L")
    if known == "joins":
        house.sign_up.join(house.wish(ANA, SKU, "SHIRT-RED-L"))
    if known == "full":
        for number in range(MOST_ENTRIES):
            house.waits(ANA, f"SKU-{number}")
    before = len(house.urgent.messages) + len(house.plans.messages)
    sizes: list[int] = []
    transact = house.dynamodb.transact_write_items
    counted = lambda **request: (sizes.append(len(request["TransactItems"])), transact(**request))[1]  # noqa: E731
    monkeypatch.setattr(house.dynamodb, "transact_write_items", counted)

    house.sign_up.join(house.wish(ANA, SKU, "SHIRT-RED-L"))

    assert sizes == [4]  # the address, its mailbox, two counts
    assert len(house.urgent.messages) + len(house.plans.messages) == before + 1


@pytest.mark.promise("P8")
def test_a_sku_that_the_shop_does_not_know_mails_nothing_and_leaves_nothing_behind(house: House) -> None:
    house.ledger.unheard_of.add("You-have-won-1000-EUR")
    house.sign_up.join(house.wish(ANA, "You-have-won-1000-EUR"))

    assert house.urgent.messages == []
    assert house.dynamodb.scan(TableName=TABLE)["Items"] == []


def test_of_known_and_unknown_skus_only_the_known_ones_count(house: House) -> None:
    house.ledger.unheard_of.add("www.evil-prizes.example")
    house.sign_up.join(house.wish(ANA, "www.evil-prizes.example", SKU))

    (job,) = house.urgent.bodies()
    assert job["data"]["skus"] == [SKU]
    assert [entry.skus for entry in house.customers.customer(address_key(ANA)).entries.values()] == [(SKU,)]
    assert house.counts("www.evil-prizes.example") == {}


@pytest.mark.promise("P11")
@pytest.mark.parametrize("known_address", [False, True])
def test_a_wish_of_unknown_skus_reads_and_writes_nothing_about_the_address(
    house: House, *, known_address: bool
) -> None:
    """Not even in the same number of requests: those of two wishes at once would meet at an address that is known."""
    house.ledger.unheard_of.add("UNHEARD-OF")
    if known_address:
        house.waits(ANA, "OTHER")
    house.urgent.drain()
    with requests(house) as unknown:
        house.sign_up.join(house.wish(ANA, "UNHEARD-OF"))

    assert unknown.total() == 0
    assert house.urgent.bodies() == []


def test_the_shop_itself_may_name_what_its_erp_has_not_named_yet(house: House) -> None:
    house.ledger.unheard_of.add("NEXT-SEASON")
    house.waits(ANA, "NEXT-SEASON")

    assert house.line("NEXT-SEASON") == [ANA]


def place_in_line(house: House) -> str | None:
    (listing,) = house.waves.stretch(SKU, "").listings
    return listing.near


def test_about_where_somebody_is_stands_in_line_and_among_the_own_entries(house: House) -> None:
    house.confirms(ANA, near="32.09,34.78")

    assert place_in_line(house) == "32.09,34.78"
    assert [entry["near"] for entry in house.mine.entries(address_key(ANA))[1]] == ["32.09,34.78"]


@pytest.mark.parametrize(
    ("stored", "known"), [("Haifa", None), ("", None), ("91,0", None), ("32.0853,34.7818", "32.09,34.78")]
)
def test_a_place_that_was_stored_before_places_were_read_counts_where_it_is_one(
    house: House, stored: str, known: str | None
) -> None:
    house.confirms(ANA, near=stored)

    assert place_in_line(house) == known
    assert [entry["near"] for entry in house.mine.entries(address_key(ANA))[1]] == [known]


def test_an_exact_place_of_before_is_kept_no_longer_once_its_entry_is_written_and_goes_into_no_mail(
    house: House,
) -> None:
    house.confirms(ANA, near="32.0853,34.7818")
    (listing,) = house.waves.stretch(SKU, "").listings
    key = {"pk": {"S": ""}, "sk": {"S": listing.key}}
    texts = {name: {"S": str(getattr(listing, name))} for name in ("address", "email", "locale", "consented_at")}
    old = {
        **key,
        **texts,
        "expires_at": {"S": listing.expires_at},
        "quantity": {"N": "1"},
        "near": {"S": "32.0853,34.7818"},
    }

    assert "32.0853" not in str(house.customers.table.item(items.address_key(address_key(ANA))))
    assert [each.near for each in (listing, items.listing(SKU, old))] == ["32.09,34.78"] * 2


def test_who_waits_already_may_say_a_place_later_and_keeps_it_where_none_is_said(house: House) -> None:
    house.confirms(ANA)
    house.confirms(ANA, near="32.09,34.78")
    assert place_in_line(house) == "32.09,34.78"
    house.confirms(ANA, near="52.52,13.40")
    assert place_in_line(house) == "52.52,13.40"

    mails = len(house.urgent.messages)
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(ANA))
    assert len(house.urgent.messages) == mails
    house.confirms(ANA, quantity=2)
    assert place_in_line(house) == "52.52,13.40"


def test_a_zone_that_is_said_later_stands_in_line_too(house: House) -> None:
    house.confirms(ANA, time_zone="Asia/Jerusalem")
    house.confirms(ANA, time_zone="Europe/Berlin", quantity=2)

    (listing,) = house.waves.stretch(SKU, "").listings
    assert listing.time_zone == "Europe/Berlin"
