"""A product whole: all of its variants at a glance, and which values of its options can be had.

A *choice* is a value for some of the product's options, such as the size M. Beside it a value of another option says
whether a variant can be had that has both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypedDict, cast

from standby.availability.service import Badges, Moment
from standby.availability.wording import Reader, closest
from standby.platform.frozen import frozen
from standby.shelf.ahead_model import AHEAD
from standby.shelf.cards import BETWEEN_VALUES, address, money, values_of
from standby.shelf.model import BUYABLE, ORDERABLE, STATUSES, Head, Row, Status
from standby.shelf.naming import localized, spoken

if TYPE_CHECKING:
    from standby.availability.answers import Action, Price, ProductMatrix, StoreHaving, ValueBuyable, VariantCell

BETWEEN, ESCAPE = ":", "\\"
"""Stands between an option's name and a value where they are one text, as in ``Size:M``; and what stands before either
in a name that has it. The value is all the rest, as it is."""

LAST_DAY = "9999-12-31"


class ChoiceError(ValueError):
    """What is chosen is none of the product's options, or one of them twice."""


class Shelf(Protocol):
    """Where a product is read."""

    def heads(self, product_ids: Iterable[str]) -> Mapping[str, Head]:
        """Return what products say of themselves; those that nobody named are left out."""
        ...

    def variants(self, product_id: str) -> Sequence[Row]:
        """Return the rows of a product in its own order, as they were a moment ago."""
        ...


class Stocked(Protocol):
    """Who knows stores."""

    def beside(self, rows: Sequence[Row]) -> "tuple[list[StoreHaving], int]":
        """Return the first stores with units of some rows, and how many more there are."""
        ...


class Sum:
    """The best that can be said of several variants together."""

    __slots__ = ("orderable", "status", "units_left")

    def __init__(self, variants: "Iterable[VariantCell]") -> None:
        statuses = set()
        there, ahead = [], []
        for variant in variants:
            status = variant["status"]
            statuses.add(status)
            if status in BUYABLE:
                there.append(variant)
            elif status in AHEAD:
                ahead.append(variant)
        self.orderable = bool(there or ahead)
        """Whether one of them can be bought or ordered ahead."""
        best = there or ahead
        self.units_left: int | None = best[0]["units_left"] if len(best) == 1 else None
        """How few units are left where one variant alone can be had. Those of several are no sum to tell."""
        self.status: Status | None = next((status for status in STATUSES if status in statuses), None)
        """The best of them; ``None`` where there are none."""


@frozen(kw_only=True)
class Matrix:
    """Answers what a product's page shows."""

    shelf: Shelf
    badges: Badges
    stores: Stocked

    def of(self, product_id: str, chosen: Sequence[str], reader: Reader) -> "ProductMatrix | None":
        """Return a product, ``None`` where nobody named it. Raises `ChoiceError`.

        Everything that it says is of the same rows, which follow the badges within a second, mostly
        (`standby.shelf.reader`).
        """
        rows = self.shelf.variants(product_id)
        found = self.shelf.heads([product_id]).get(product_id)
        if found is None and not rows:
            return None
        head = found or Head()
        names = option_names(head, rows)
        choice = read_choice(chosen, names)
        words: Mapping[str, str] = spoken(head.translations, reader.language) or {}
        moment = self.badges.moment()
        variants = [self._variant(row, head, reader.language, moment, words) for row in rows]
        whole = Sum(variants)
        status = whole.status
        stores, more_stores = self.stores.beside(rows)
        return {
            "product_id": product_id,
            "title": title_of(head, reader),
            "url": address(head.url),
            "image": address(head.image),
            "brand": head.brand,
            "category": head.category,
            "price": shown_price(head),
            "status": status,
            "label": self.badges.wording.label(reader.language, status, whole.units_left),
            "units_left": whole.units_left,
            **_expected(variants, status),
            "actions": _actions(variants, status),
            "as_of": max((variant["as_of"] for variant in variants if variant["as_of"]), default=None),
            "choice": choice,
            "options": [
                {
                    "name": name,
                    "text": words.get(name, name),
                    "values": self._values(name, choice, variants, reader.language, words),
                }
                for name in names
            ],
            "variants": variants,
            "stores": stores,
            "more_stores": more_stores,
        }

    def _variant(self, row: Row, head: Head, language: str, moment: Moment, words: Mapping[str, str]) -> "VariantCell":
        badge, variant = self.badges.of_row(row, language, moment), row.variant
        ahead = row.campaign.price if badge["status"] in AHEAD else None
        return {
            "sku": row.sku,
            "options": dict(variant.options),
            "text": BETWEEN_VALUES.join(words.get(value, value) for value in values_of(head, variant.options)),
            "status": badge["status"],
            "label": badge["label"],
            "units_left": badge["units_left"],
            "back_on": badge["back_on"],
            "back_on_firm": badge["back_on_firm"],
            "release_on": badge["release_on"],
            "in_store": bool(row.supply.stores),
            "actions": badge["actions"],
            "price": price_of(ahead) or price_of(variant.price) or price_of(head.price),
            "image": address(variant.image),
            "as_of": badge["as_of"],
        }

    def _values(
        self,
        name: str,
        choice: Mapping[str, str],
        variants: Iterable["VariantCell"],
        language: str,
        words: Mapping[str, str],
    ) -> "list[ValueBuyable]":
        """Return an option's values, in the order in which the variants have them."""
        others = {option: value for option, value in choice.items() if option != name}
        having: dict[str, list[VariantCell]] = {}
        for variant in variants:
            value = variant["options"].get(name)
            if value is not None:
                having.setdefault(value, []).append(variant)
        found: list[ValueBuyable] = []
        for value, those in having.items():
            fits = Sum(each for each in those if others.items() <= each["options"].items())
            found.append(
                {
                    "value": value,
                    "text": words.get(value, value),
                    "can_be_bought": any(each["status"] in ORDERABLE for each in those),
                    "with_choice": fits.orderable,
                    "status": fits.status,
                    "label": self.badges.wording.label(language, fits.status, fits.units_left),
                    "units_left": fits.units_left,
                }
            )
        return found


def price_of(said: object) -> "Price | None":
    """Return an amount of money that can be written."""
    return cast("Price | None", money(said))


def shown_price(head: Head) -> "Price | None":
    """Return a product's own price, else the lowest of its variants."""
    return price_of(head.price) or price_of(head.price_from)


def option_names(head: Head, rows: Iterable[Row]) -> list[str]:
    """Return the names of a product's options: in its own order, and behind them those that only variants name."""
    return list(dict.fromkeys([*head.options, *(name for row in rows for name in row.variant.options)]))


def read_choice(chosen: Iterable[str], names: Sequence[str]) -> dict[str, str]:
    """Return what is chosen, by option. Raises `ChoiceError`.

    No variant may have the value: then none fits.
    """
    choice: dict[str, str] = {}
    for text in chosen:
        name, value = _parted(text)
        if name not in names or value is None:
            known = ", ".join(f"{written(each)}{BETWEEN}…" for each in names)
            message = f"{text!r} is none of the product's options with a value ({known})"
            raise ChoiceError(message)
        if name in choice:
            message = f"{name} stands there twice"
            raise ChoiceError(message)
        choice[name] = value
    return choice


def written(name: str) -> str:
    """Return an option's name as it stands in a choice."""
    for mark in (ESCAPE, BETWEEN):
        name = name.replace(mark, ESCAPE + mark)
    return name


def _parted(text: str) -> tuple[str, str | None]:
    """Part a choice at the first colon that has no backslash before it; ``None`` for a value where there is none."""
    name: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter == BETWEEN:
            return "".join(name), "".join(letters)
        name.append(next(letters, letter) if letter == ESCAPE else letter)
    return "".join(name), None


def title_of(head: Head, reader: Reader) -> str | None:
    """Return what a product is called in the reader's favourite of the languages in which the shop named it."""
    titles = {locale: text for locale, text in head.title.items() if text.strip()}
    if not titles:
        return None
    known = {locale.lower().replace("_", "-"): locale for locale in titles}
    for wanted in reader.locales:
        found = closest(wanted, known)
        if found is not None:
            return titles[known[found]]
    return localized(titles, reader.language)


class _Expected(TypedDict):
    back_on: str | None
    release_on: str | None


def _expected(variants: Iterable["VariantCell"], status: Status | None) -> _Expected:
    """Return when more of any variant is expected, or of those that are ordered ahead where that is the best."""
    if status in BUYABLE:
        return {"back_on": None, "release_on": None}
    those = [each for each in variants if status not in AHEAD or each["status"] == status]
    first = min(those, key=lambda each: each["back_on"] or LAST_DAY, default=None)
    if first is None:
        return {"back_on": None, "release_on": None}
    return {"back_on": first["back_on"], "release_on": first["release_on"]}


def _actions(variants: Iterable["VariantCell"], status: Status | None) -> "list[Action]":
    """Return what can be done with the best of the variants."""
    return next((each["actions"] for each in variants if each["status"] == status and each["actions"]), [])
