"""Very large orders keep all that was granted for them in one item; beyond that nothing is lost, and a person hears."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from standby.compensation import repository
from standby.compensation.kept_remedies import content_of, remedies_of
from standby.compensation.model import NO_ROOM, WRITTEN, Account, Grant, Late, Option, Rating, Refusal, Remedies, Wanted
from standby.compensation.model import grant_id_of as id_of
from standby.compensation.repository import RemedyBook
from standby.compensation.voucher_model import voucher_of
from standby.platform.clock import to_text
from standby.platform.json_text import from_json, to_json
from standby.platform.queue import PoisonError
from standby.platform.table import Table

from tests.fakes import EPOCH
from tests.promises.shop import Shop
from tests.standby.compensation.remedied import Remedied, remedied
from tests.tables import create_table

pytestmark = pytest.mark.promise("P6", "P9", "P10")
ORDER = "ORDER/2026-11/חורף"
ACCOUNT = Account("2026-05", "EUR", 10**9)
ID_LENGTH = 100


def uuids(chance: random.Random) -> Iterator[str]:
    while True:
        yield f"משלוח/מחסן-צפון-תל-אביב/{chance.randbytes(16).hex()}"


def sentences(chance: random.Random) -> Iterator[str]:
    """Yield the longest ids that there are, of random signs of three bytes: nothing can be compressed less."""
    while True:
        yield "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(ID_LENGTH))


def in_turn(_: random.Random) -> Iterator[str]:
    yield from (f"SHIPMENT-2026-11-27-WAREHOUSE-NORTH/{number:06}" for number in range(10**6))


def large(shipments: int, levels: int, ids: Any = uuids, **more: Any) -> Remedies:
    """Return an order of which all shipments were made good by vouchers at several levels, one after the other."""
    chance = random.Random(shipments)
    named = ids(chance)
    names = [next(named) for _ in range(shipments)]
    late = {
        name: Late(first=date(2026, 5, 1), known=date(2026, 5, 9), edition=number + 2, cause="carrier")
        for number, name in enumerate(names)
    }
    grants = []
    for level in range(levels):
        for number, name in enumerate(names):
            at = EPOCH + timedelta(milliseconds=len(grants) * 900 + chance.randrange(900))
            grants.append(
                Grant(
                    grant_id=id_of(ORDER, name, level),
                    shipment_id=name,
                    at=to_text(at),
                    days_late=3 * level + 2,
                    level=2 + 3 * level,
                    rule="everybody",
                    policy_version=3,
                    kind="voucher",
                    amount=500,
                    currency="EUR",
                    code=hashlib.sha256(f"{name} {level}".encode()).hexdigest(),
                    expires_at=to_text(at + timedelta(days=365)),
                    ends_on=to_text(at + timedelta(days=365))[:10],
                    valid_days=365,
                    month="2026-05",
                    told="mail",
                    line_ids=(f"line-{number:05}",),
                    **more,
                )
            )
    return Remedies(order_id=ORDER, edition=1, late=late, grants=tuple(grants))


@pytest.fixture
def book(aws: Any) -> RemedyBook:
    return RemedyBook(Table(create_table(aws, "Compensation"), aws))


def grants(book: RemedyBook, known: Remedies) -> str:
    return book.grant(known, ACCOUNT, voucher_of(known.grants[-1], ORDER), now=EPOCH)


@pytest.mark.parametrize(
    ("shipments", "levels", "ids"),
    [
        (1, 2, uuids),
        (3, 2, uuids),
        (15, 1, uuids),
        (16, 1, uuids),
        (415, 2, in_turn),
        (415, 2, uuids),
        (415, 2, sentences),
        (1_000, 2, in_turn),
        (1_000, 3, in_turn),
        (1_000, 3, uuids),
    ],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_all_that_was_granted_fits_into_an_item_and_comes_back(
    book: RemedyBook, shipments: int, levels: int, ids: Any
) -> None:
    known = large(shipments, levels, ids)
    assert grants(book, known) == WRITTEN
    assert book.remedies(ORDER) == known


def test_an_order_of_415_shipments_and_two_levels_takes_a_sixth_of_an_item() -> None:
    item = repository._order(large(415, 2), EPOCH)
    assert len(to_json(content_of(large(15, 1)))) < len(item.values["packed"]) < 410_000 / 6


def any_remedies(seed: int) -> Remedies:
    """Return an order with all that there can be of one."""
    chance = random.Random(seed)
    known = large(chance.choice([0, 1, 3, 20, 40]), chance.choice([1, 2, 3]))
    made = [_varied(grant, chance) for grant in known.grants]
    names = [*known.late, "another"]
    late = {name: replace(each, asked=chance.choice([None, date(2026, 5, 7)])) for name, each in known.late.items()}
    said = [
        Refusal("2026-05-03", chance.choice(names), 3, "budget", 1, "all", 500, "EUR", chance.random() < 0.5)
        for _ in range(chance.randrange(4))
    ]
    calls = [
        Wanted("2026-05-03", chance.choice(names), 3, 8, "all", 1, told=True, line_ids=("1", "line-00001")[:number])
        for number in range(chance.randrange(3))
    ]
    rating = chance.choice([None, Rating("2026-05-03", right=False, words="לא", told=True)])
    return replace(
        known, late=late, grants=tuple(made), refusals=tuple(said), calls=tuple(calls), rating=rating, edition=seed + 1
    )


def _varied(grant: Grant, chance: random.Random) -> Grant:
    options = (Option("voucher", 500), Option("percent_off", 800, 10, minimum=1_000, combinable=False))
    other: list[dict[str, Any]] = [
        {},
        {"kind": "choice", "options": options, "offered": 800, "code": None, "combinable": False},
        {"grant_id": "another", "minimum": 1_000, "told": None, "line_ids": ()},
        {"kind": "delivery_fee_back", "code": None, "expires_at": None, "ends_on": None, "by": "Dana", "amount": 0},
    ]
    return replace(grant, **chance.choice(other))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_known_comes_back_from_what_is_kept(seed: int) -> None:
    known = any_remedies(seed)
    assert remedies_of(ORDER, known.edition, from_json(to_json(content_of(known)))) == known


def test_what_was_kept_before_there_were_large_orders_is_read_as_it_was(book: RemedyBook) -> None:
    known = large(40, 1)
    before = {
        "late": {name: {"first": "2026-05-01", "known": "2026-05-09", "edition": each.edition, "arrived": False}
                 | {"cause": "carrier", "looked": 0} for name, each in known.late.items()},
        "grants": [{**vars(grant), "line_ids": list(grant.line_ids), "options": []} for grant in known.grants],
        "refusals": [],
    }  # fmt: skip
    item = {"pk": f"ORDER#{ORDER}", "sk": "REMEDIES", "edition": 1, "text": to_json(before)}
    book.table.write(repository.Put(item))
    assert book.remedies(ORDER) == known


def test_a_grant_for_which_there_is_no_room_changes_nothing(book: RemedyBook) -> None:
    known = large(1_000, 3, sentences)
    fits = replace(known, grants=known.grants[:1_000])
    assert grants(book, fits) == WRITTEN
    more = replace(known, grants=known.grants[:2_300], edition=2)
    assert grants(book, more) == NO_ROOM
    assert book.remedies(ORDER) == fits


def test_there_is_room_for_what_is_told_and_chosen_later(book: RemedyBook) -> None:
    """The code of each choice takes room that nobody needs before."""
    known = large(1_000, 2, sentences)
    options = (Option("voucher", 500), Option("free_shipping", 400))
    asked = {"kind": "choice", "options": options, "code": None, "expires_at": None, "ends_on": None, "told": None}
    count = 1_000
    while True:
        opened = tuple(replace(grant, **asked) for grant in known.grants[: count + 20])
        if not repository._has_room(tried := replace(known, grants=opened), repository._order(tried, EPOCH)):
            break
        count += 20
    chosen = tuple(replace(grant, settled_at=grant.at, outcome="chosen") for grant in known.grants[:count])
    assert book.keep(replace(known, grants=chosen), now=EPOCH)


def test_what_does_not_fit_at_all_is_poison_that_says_so(book: RemedyBook) -> None:
    with pytest.raises(PoisonError, match=f"all that is known of {ORDER} is more than 400,000 bytes"):
        book.keep(large(1_000, 3, sentences), now=EPOCH)


# ---- from the ERP's word to the shop's person ----


@pytest.fixture
def ana(shop: Shop) -> Remedied:
    made = remedied(shop)
    made.places(until=2)
    return made


def test_beyond_its_room_an_order_is_told_late_and_granted_nothing_more_and_a_person_hears_once(
    ana: Remedied, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ana.late(days=3)
    monkeypatch.setattr(repository, "_has_room", lambda *_: False)
    before = len(ana.shop.world.mails)
    ana.late(days=6)
    assert (ana.granted(), ana.why(), ana.spent()) == ([("voucher", 500)], [NO_ROOM], 500)
    assert not ana.of().untold
    assert len(ana.shop.world.mails) == before + 1, "the notice goes out"
    assert ana.shop.world.bodies("CompensationDeadLetters") == []
    ana.late(days=6)
    assert capsys.readouterr().out.count('"RemediesWithoutRoom":') == 1


def test_an_order_that_fits_into_no_item_ends_in_the_dead_letters_and_its_grants_stay(
    ana: Remedied, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.late(days=3)
    monkeypatch.setattr(repository, "ORDER_BYTES", 10)
    ana.late(days=6)
    assert ana.granted() == [("voucher", 500)]
    (letter,) = ana.shop.world.bodies("CompensationDeadLetters")
    assert "DelayDetected" in letter
    assert len(ana.brought()) == 1
