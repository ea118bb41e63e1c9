"""Reading what arrives from the bus."""

from collections.abc import Iterator
from typing import Any, get_args, is_typeddict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standby.events import fields
from standby.events.catalog import ProductChanged
from standby.events.hearing import CHECKS, hear
from standby.events.mail import MailRefused
from standby.events.preorder import UnitsFreed
from standby.events.stock import Restocked, SoldOut
from standby.mail import hears as mail
from standby.platform.bus import detail_of, name_of
from standby.platform.json_text import from_json, to_json
from standby.platform.queue import PoisonError
from standby.waitlist import hears as waitlist

from infra.operations import event_contracts

pytestmark = pytest.mark.promise("P9")

EVENTS = event_contracts.events()
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
AT = "2026-05-03T10:00:00.000Z"
RESTOCKED = {"version": 1, "id": "MUG@7:Restocked", "at": AT, "sku": "MUG", "revision": 7, "free": 12, "minimum": 1}
MONEY = {"amount": 1290, "currency": "ILS"}
VARIANT = {
    "sku": "MUG",
    "edition": 3,
    "gone": False,
    "discontinued": False,
    "position": 0,
    "options": {"colour": "red"},
    "price": MONEY,
    "components": [{"sku": "LID", "quantity": 2}],
}
CHANGED = {
    "id": "CUP@2:ProductChanged:1",
    "at": AT,
    "product_id": "CUP",
    "edition": 2,
    "title": {"en": "Cup", "he": "ספל"},
    "discontinued": False,
    "variants": [VARIANT, {"sku": "CUP-BLUE", "edition": 9, "gone": True, "discontinued": False}],
    "price": MONEY,
}
SHOWN = [
    "a",
    7,
    True,
    ["a", "b"],
    [],
    {"he": "a"},
    {"he": {"Red": "a"}},
    MONEY,
    {"hundredths": 460, "count": 9},
    [VARIANT],
]
HEARD = {"plans": waitlist.PLANS, "records": waitlist.RECORDS, "feedback": mail.FEEDBACK}


def envelope(name: str, detail: object) -> dict[str, Any]:
    return {"version": "0", "source": "standby", "detail-type": name, "detail": detail}


def values(type_: Any) -> list[Any]:
    """Return values that a field of this type may have."""
    return [value for value in SHOWN if CHECKS[type_](value)]


def types(shape: Any) -> Iterator[Any]:
    """Yield the types of the fields of an event, and of what has fields in it."""
    for type_ in shape.__annotations__.values():
        for plain in (type_, *get_args(type_)):
            yield plain
            for inner in (plain, *get_args(plain), *get_args(getattr(plain, "__origin__", None))):
                if is_typeddict(inner):
                    yield from types(inner)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_every_event_is_heard_as_it_was_told(kind: Any, data: st.DataObject) -> None:
    chosen = {name: data.draw(st.sampled_from(values(type_))) for name, type_ in kind.__annotations__.items()}
    left_out = data.draw(st.sets(st.sampled_from(sorted(kind._field_defaults)))) if kind._field_defaults else set()
    told = kind(**{name: value for name, value in chosen.items() if name not in left_out})
    arrived = from_json(to_json(envelope(name_of(told), detail_of(told))))
    heard = hear(arrived, [kind])
    assert heard == told._replace(**{name: list(value) for name, value in told._asdict().items() if value == ()})
    assert type(heard) is kind


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_an_event_without_a_field_that_it_needs_is_poison_that_names_the_field(kind: Any) -> None:
    needed = [name for name in kind._fields if name not in kind._field_defaults]
    whole = {name: values(kind.__annotations__[name])[0] for name in needed}
    for name in needed:
        for lacking in ({key: value for key, value in whole.items() if key != name}, {**whole, name: None}):
            with pytest.raises(PoisonError, match=f"^{kind.__name__}: {name}: missing$"):
                hear(envelope(kind.__name__, lacking), [kind])


@pytest.mark.parametrize("value", ["7", 7.0, True, [7], {}])
def test_a_number_of_another_type_is_poison(value: object) -> None:
    with pytest.raises(PoisonError, match="Restocked: revision: of another type"):
        hear(envelope("Restocked", {**RESTOCKED, "revision": value}), waitlist.PLANS)


@pytest.mark.parametrize("value", [7, ["MUG"], {}])
def test_a_text_of_another_type_is_poison(value: object) -> None:
    with pytest.raises(PoisonError, match="Restocked: sku: of another type"):
        hear(envelope("Restocked", {**RESTOCKED, "sku": value}), waitlist.PLANS)


@pytest.mark.parametrize("value", ["entry-1", [7], {"entry": 1}])
def test_references_of_another_type_are_poison(value: object) -> None:
    detail = {"id": "r", "at": AT, "reason": "rejected", "references": value}
    with pytest.raises(PoisonError, match="MailRefused: references: of another type"):
        hear(envelope("MailRefused", detail), waitlist.RECORDS)


@pytest.mark.parametrize("detail", ["sold out", ["MUG"], None, 7])
def test_a_detail_that_is_no_object_is_poison(detail: object) -> None:
    with pytest.raises(PoisonError, match="SoldOut: detail: no object"):
        hear(envelope("SoldOut", detail), waitlist.PLANS)


def test_a_product_is_heard_with_all_that_stands_in_it() -> None:
    heard = hear(envelope("ProductChanged", {**CHANGED, "brand": None}), [ProductChanged])
    assert heard == ProductChanged(**CHANGED)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["Cup", ["Cup"], {"en": 7}, {"en": None}, 7])
def test_texts_by_locale_that_are_of_another_type_are_poison(wrong: object) -> None:
    with pytest.raises(PoisonError, match="ProductChanged: title: of another type"):
        hear(envelope("ProductChanged", {**CHANGED, "title": wrong}), [ProductChanged])


@pytest.mark.parametrize("wrong", ["Cup", {"he": "אדום"}, {"he": None}, {"he": {"Red": 7}}, [{"he": {}}]])
def test_translations_of_another_type_are_poison(wrong: object) -> None:
    with pytest.raises(PoisonError, match="ProductChanged: translations: of another type"):
        hear(envelope("ProductChanged", {**CHANGED, "translations": wrong}), [ProductChanged])


@pytest.mark.parametrize("wrong", [12.9, {}, {"amount": 1290}, {"amount": "1290", "currency": "ILS"}, [MONEY]])
def test_money_of_another_type_is_poison(wrong: object) -> None:
    with pytest.raises(PoisonError, match="ProductChanged: price: of another type"):
        hear(envelope("ProductChanged", {**CHANGED, "price": wrong}), [ProductChanged])


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"sku": 7},
        {"edition": "3"},
        {"edition": None},
        {"gone": 1},
        {"options": ["red"]},
        {"options": {"colour": 7}},
        {"price": {"amount": 1}},
        {"components": [{"sku": "LID"}]},
        {"components": {"sku": "LID", "quantity": 1}},
    ],
)
def test_a_variant_of_another_type_is_poison(wrong: dict[str, object]) -> None:
    variant = {**VARIANT, **wrong} if wrong else wrong
    for variants in ([VARIANT, variant], variant):
        with pytest.raises(PoisonError, match="ProductChanged: variants: of another type"):
            hear(envelope("ProductChanged", {**CHANGED, "variants": variants}), [ProductChanged])


def test_what_is_not_known_of_a_variant_may_be_left_out_or_null() -> None:
    variant = {name: VARIANT[name] for name in ("sku", "edition", "gone", "discontinued")}
    for told in (variant, {**variant, "price": None, "later": {}}):
        assert hear(envelope("ProductChanged", {**CHANGED, "variants": [told]}), [ProductChanged])


def test_fields_that_nobody_knows_yet_are_ignored() -> None:
    later = {**RESTOCKED, "version": 2, "warehouse": {"id": "north"}}
    assert hear(envelope("Restocked", later), waitlist.PLANS) == Restocked("MUG@7:Restocked", AT, "MUG", 7, 12, 1)


def test_what_is_not_known_has_its_default() -> None:
    refused = hear(envelope("MailRefused", {"id": "r", "at": AT, "reason": "bounced", "wave": None}), waitlist.RECORDS)
    assert refused == MailRefused(id="r", at=AT, reason="bounced")


@pytest.mark.parametrize("arrived", [{}, [], "Restocked", {"plan": "due"}, {"detail-type": "Restocked"}, None])
def test_what_is_no_envelope_is_no_event(arrived: object) -> None:
    assert hear(arrived, waitlist.PLANS) is None


def test_an_event_that_a_consumer_does_not_listen_for_is_not_read_at_all() -> None:
    assert hear(envelope("Restocked", {"broken": True}), [SoldOut, UnitsFreed]) is None


@pytest.mark.parametrize("queue", HEARD)
def test_what_is_heard_is_an_event_and_heard_once(queue: str) -> None:
    assert set(HEARD[queue]) <= set(EVENTS.values())
    assert len(set(HEARD[queue])) == len(HEARD[queue]) > 1


def test_every_type_of_a_field_can_be_checked() -> None:
    used = {type_ for kind in EVENTS.values() for type_ in kind.__annotations__.values()}
    assert used <= CHECKS.keys()


def test_a_type_that_fields_are_given_is_no_idle_word() -> None:
    told = {name: type_ for name, type_ in vars(fields).items() if hasattr(type_, "__metadata__")}
    used = {type_ for kind in EVENTS.values() for type_ in types(kind)}
    assert [name for name, type_ in told.items() if not {type_, type_ | None} & used] == []


@pytest.mark.parametrize("wrong", ["", "S" * 101, "S" * 3_000])
def test_an_id_that_no_table_could_have_as_its_key_is_poison(wrong: str) -> None:
    with pytest.raises(PoisonError, match="sku"):
        hear(envelope("Restocked", {**RESTOCKED, "sku": wrong}), [Restocked])
    with pytest.raises(PoisonError, match="product_id"):
        hear(envelope("ProductChanged", {**CHANGED, "product_id": wrong}), [ProductChanged])
    with pytest.raises(PoisonError, match="variants"):
        hear(envelope("ProductChanged", {**CHANGED, "variants": [{**VARIANT, "sku": wrong}]}), [ProductChanged])
