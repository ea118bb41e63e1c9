"""Put the values of one job into the words of one kind: fill the places of its texts, and say what its blocks show.

Everything that comes from data passes `plain` on its way. A ``{place}`` is isolated in its sentence, so that its
direction of writing does not change the text around it (Unicode UAX 9).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from standby.mail.kind import NEAREST, Kind
from standby.mail.model import Purpose
from standby.platform.counted import form
from standby.platform.deadline import deadline
from standby.platform.formats import Formats
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError
from standby.platform.shop_hours import AlwaysOpen, Hours
from standby.shelf.naming import Named, localized, named

SLOT_START, SLOT_END = "\ue000", "\ue001"
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
LONGEST_TEXT = 200
RANGE = "\N{EN DASH}"
DIALLED = frozenset("+0123456789")
DEFAULT_LANGUAGE = "en"
APART = "apart"
"""Stands among the blocks of a mail where blocks of each recipient's own will stand."""
PLACE = re.compile(r"\{([a-z_]+)\}")
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that a reader cannot see: control, format, private use, surrogates, separators of lines."""
Cards = Mapping[str, Mapping[str, Any]]
"""By SKU what a product of a job's data may have (`kinds/shapes.json`), and its ``product_id``."""
Paths = str | Sequence[str]
"""A path into the data, such as ``offer.price`` or ``skus.1``; of several paths the first that the data has counts."""


@frozen()
class Composer:
    """One kind, one language, one job's data."""

    kind: Kind
    language: str
    words: Mapping[str, Any]
    """What the locale says in every mail."""
    data: Mapping[str, Any]
    formats: Formats
    leased_at: datetime | None = None
    """When the sender took the lease for the call; whatever a kind marks ``at_lease`` counts from here."""
    open_hours: Hours = field(default_factory=AlwaysOpen)
    """The hours that count for it."""
    zone: str | None = None
    """The readers' own, where it is known."""
    product_page: str | None = None
    """The address of a product's page, with ``{sku}``, for products whose page neither data nor catalogue names."""
    cards: Cards = field(default_factory=dict)
    """What the catalogue says of SKUs; whatever the data itself says comes first."""
    apart: bool = False
    """Blocks of the recipients' own are written apart (`own`); the mail has their place (`APART`) instead."""

    def text(self, key: str, **more: str) -> str:
        """Return one of the kind's texts with its places filled, by ``more`` or as the kind says."""
        words: str = self.kind.texts(self.language)[key]
        return PLACE.sub(lambda place: isolated(more[place[1]]) if place[1] in more else self._place(place[1]), words)

    def shown(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the blocks that have something to show, each with what its template takes."""
        found: list[tuple[str, dict[str, Any]]] = []
        for block in self.kind.blocks:
            if self.apart and is_own(block):
                found += [(APART, {})] if (APART, {}) not in found else []
            elif values := self._values(block):
                found.append((block["block"], values))
        return found

    def own(self, near: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Return the blocks that a recipient sees of the store that is nearest, as `shown` does."""
        kind = replace(self.kind, blocks=[block for block in self.kind.blocks if is_own(block)])
        return replace(self, kind=kind, data={**self.data, NEAREST: near}, apart=False).shown()

    def leave_url(self) -> str:
        """Return the address that ends these mails, or nothing where the kind has none."""
        return f"{self._link('leave_url')}{_slot('leave')}" if self.kind.leave else ""

    def ends_at(self) -> datetime | None:
        """Return the last deadline of the mail that counts from its lease, if it has any."""
        said = (
            value["at_lease"]["hours"]
            for place in self.kind.places.values()
            for value in place.values()
            if "at_lease" in value
        )
        return max((self._after_the_lease(hours) for hours in said), default=None)

    def _values(self, block: Mapping[str, Any]) -> dict[str, Any]:
        """Return a block's values by field; nothing for a block whose ``when`` is not met, or whose list is empty."""
        if not self._meant(block):
            return {}
        values = {name: FIELDS[name](self, said) for name, said in block.items() if name not in NOT_SHOWN}
        return {} if [] in values.values() else values

    def _meant(self, said: Mapping[str, Any]) -> bool:
        """Tell whether the data has what the ``when`` of a block or button asks for, and not what ``unless`` names."""
        has = {word: _found(self.data, said[word]) is not None for word in ("when", "unless") if word in said}
        return has.get("when", True) and not has.get("unless", False)

    def _place(self, name: str) -> str:
        ((form, said),) = self.kind.places[name].items()
        return self._names(said, LISTS[form]) if form in LISTS else isolated(self._written(form, said))

    def _written(self, form: str, said: Any) -> str:  # noqa: ANN401 - JSON
        """Write a value of the data in a format. Raises `PoisonError` when it is none of its kind."""
        if isinstance(said, Mapping) and "slot" in said:
            return _slot(said["slot"])
        hours = said["at_lease"]["hours"] if isinstance(said, Mapping) else None
        try:
            value: Any = self._after_the_lease(hours) if hours else self._find(said)
            return plain(value) if form == "text" else str(getattr(self.formats, form)(value))
        except (ValueError, OverflowError) as error:
            raise PoisonError(f"data.{hours or said}: {error}") from error

    def _after_the_lease(self, hours: int | Paths) -> datetime:
        if self.leased_at is None:
            raise TypeError("a kind that counts from the lease is written when the lease is taken")
        number = hours if isinstance(hours, int) else self._find(hours)
        return deadline(self.leased_at, number, self.open_hours, self.zone)

    def _names(self, paths: Paths, word: str) -> str:
        names = [isolated(product["full_name"]) for product in self._products(paths)]
        first, last = ", ".join(names[:-1]), names[-1]
        both: str = self.words[word]
        return both.replace("{first}", first).replace("{last}", last) if first else last

    def _code(self, said: Paths | Mapping[str, str]) -> str:
        return self._written("text", said)

    def _products(self, paths: Paths) -> list[dict[str, str]]:
        """Return what is shown of products. SKUs that the catalogue has as variants of one product are shown as one."""
        found = self._find(paths)
        abouts = [self._about(said) for said in (found if isinstance(found, list) else [found])]
        return [self._product(product) for product in named(abouts, self.language)]

    def _about(self, said: str | Mapping[str, Any]) -> Mapping[str, Any]:
        data: Mapping[str, Any] = {"sku": said} if isinstance(said, str) else said
        return {**self.cards.get(data["sku"], {}), **data}

    def _product(self, said: Named) -> dict[str, str]:
        page = self.product_page.replace("{sku}", quote(said.skus[0], safe="")) if self.product_page else ""
        return {
            "name": plain(said.name),
            "full_name": plain(said.full_name),
            "variant": plain(said.variant),
            "price": f" {RANGE} ".join(self._prices(said)),
            "image": seen(said.image),
            "url": seen(said.url or page),
            "rating": self._rating(said.abouts[0].get("rating")),
        }

    def _rating(self, said: Mapping[str, int] | None) -> str:
        """Return what customers think of a product, in advertising alone."""
        if self.kind.purpose is not Purpose.ADVERTISING or not said:
            return ""
        value = self.formats.decimal(said["hundredths"], 2)
        count = self.formats.number(said["count"])
        return form(self.language, said["count"], self.words["rating"]).format(value=value).replace("#", count)

    def _prices(self, said: Named) -> list[str]:
        """Return the price, or the lowest and the highest, each apart from the other's direction."""
        written = [self.formats.money(price) for price in said.price_range]
        return written if len(written) == 1 else [isolated(price) for price in written]

    def _buttons(self, said: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        """Return the buttons and choices that lead somewhere; the page of a product may be unknown."""
        buttons = [
            {
                "text": self.text(button["text"]),
                "note": self.text(button["note"]) if "note" in button else "",
                "url": self._target(button),
            }
            for button in said
            if self._meant(button)
        ]
        return [button for button in buttons if button["url"]]

    def _target(self, button: Mapping[str, Any]) -> str:
        if "product" in button:
            return self._products(button["product"])[0]["url"]
        return self._link(button["url"]) + (_slot(button["slot"]) if "slot" in button else "")

    def _address(self, path: Paths) -> dict[str, Any]:
        about = self._find(path)
        return {
            "name": self._localized(about["name"]),
            "lines": [plain(line) for line in about["lines"]],
            "phone": plain(about.get("phone", "")),
            "dialled": "".join(each for each in about.get("phone", "") if each in DIALLED),
            "hours": [self._hours(each) for each in about.get("hours", ())],
        }

    def _hours(self, said: Mapping[str, Any]) -> dict[str, str]:
        days = [self.formats.weekday(number) for number in (said["from_day"], said.get("to_day", said["from_day"]))]
        return {
            "days": RANGE.join(dict.fromkeys(days)),
            "open": RANGE.join(self.formats.hour(hour) for hour in (said["opens"], said["closes"])),
        }

    def _history(self, said: Mapping[str, Any]) -> list[dict[str, str]]:
        try:
            return [self._step(said["texts"][step["what"]], step) for step in self._find(said["steps"])]
        except ValueError as error:
            raise PoisonError(f"data.{said['steps']}: {error}") from error

    def _step(self, key: str, step: Mapping[str, str]) -> dict[str, str]:
        its_own = {"date": self.formats.date(step["date"])} if "date" in step else {}
        return {"at": self.formats.date(step["at"]), "text": self.text(key, **its_own)}

    def _orders(self, said: Mapping[str, Any]) -> list[dict[str, str]]:
        try:
            return [self._order(said, each) for each in self._find(said["list"])]
        except ValueError as error:
            raise PoisonError(f"data.{said['list']}: {error}") from error

    def _order(self, said: Mapping[str, Any], order: Mapping[str, str]) -> dict[str, str]:
        days = {name: self.formats.date(order[name]) for name in ("before", "day", "answer_by") if name in order}
        return {
            "name": self.text(said["name"], order=plain(order["order"])),
            "text": self.text(said["texts"][order["what"]], **days),
            "because": plain(order.get("because", "")),
            "answer": self.text(said["answers"][order["answer"]], **days) if "answer" in order else "",
            "url": seen(order["page_url"]),
        }

    def _link(self, paths: Paths) -> str:
        return seen(self._find(paths))

    def _localized(self, words: str | Mapping[str, str]) -> str:
        return plain(localized(words, self.language))

    def _find(self, paths: Paths) -> Any:  # noqa: ANN401 - JSON
        """Return the first of the paths that the data has. Raises `PoisonError` when it has none."""
        found = _found(self.data, paths)
        if found is None:
            raise PoisonError(f"data.{paths if isinstance(paths, str) else paths[0]}: missing")
        return found


NOT_SHOWN = frozenset({"block", "when", "unless"})
LISTS = {"names": "and", "any_name": "or"}
"""Formats that list the names of products, and the locale's word before the last of them."""
FIELDS: dict[str, Callable[[Composer, Any], Any]] = {
    "text": Composer.text,
    "note": Composer.text,
    "products": Composer._products,  # noqa: SLF001 - the class's own table
    "buttons": Composer._buttons,  # noqa: SLF001
    "code": Composer._code,  # noqa: SLF001
    "address": Composer._address,  # noqa: SLF001
    "history": Composer._history,  # noqa: SLF001
    "orders": Composer._orders,  # noqa: SLF001
}
"""What a field of a block in ``kind.json`` becomes for the block's templates."""


def is_own(block: Mapping[str, Any]) -> bool:
    """Tell whether a block of a kind is about the store that is nearest to the recipient."""
    when = block.get("when", "")
    return isinstance(when, str) and when.partition(".")[0] == NEAREST


def plain(text: str) -> str:
    """Return what a reader can see of a text, at most 200 characters, so that it can do nothing but be read."""
    return seen(text)[:LONGEST_TEXT]


def seen(text: str) -> str:
    """Take control, direction and private characters out of a text."""
    return "".join(each for each in text if unicodedata.category(each) not in UNSEEN)


def isolated(text: str) -> str:
    """Wrap a text so that its direction of writing does not disturb the sentence around it (Unicode UAX 9)."""
    return f"{ISOLATE}{text}{END_ISOLATE}"


def skus_shown(kind: Kind, data: Mapping[str, Any]) -> list[str]:
    """Return the SKUs of a job's data that its kind names or shows, and those of its parcels, each once."""
    found = [_found(data, paths) for paths in _product_paths(kind)]
    found += [parcel["skus"] for parcel in data.get("parcels", ())]
    said = [one for each in found if each is not None for one in (each if isinstance(each, list) else [each])]
    return list(dict.fromkeys(one if isinstance(one, str) else one["sku"] for one in said))


def _product_paths(kind: Kind) -> Iterator[Paths]:
    """Yield where a kind's texts, blocks and buttons look for products."""
    for place in kind.places.values():
        yield from (place[form] for form in LISTS if form in place)
    for block in kind.blocks:
        if "products" in block:
            yield block["products"]
        yield from (button["product"] for button in block.get("buttons", ()) if "product" in button)


def _found(data: Mapping[str, Any], paths: Paths) -> Any:  # noqa: ANN401 - JSON
    """Return what the first path leads to that the data has; ``None`` when it has none of them."""
    for path in [paths] if isinstance(paths, str) else paths:
        value: Any = data
        for part in path.split("."):
            value = _part(value, part)
        if value is not None:
            return value
    return None


def _part(value: Any, part: str) -> Any:  # noqa: ANN401 - JSON
    """Return a field of an object, or the entry of a list that a number counts from 0; ``None`` where there is none."""
    if isinstance(value, list) and part.isdecimal():
        return value[int(part)] if int(part) < len(value) else None
    return value.get(part) if isinstance(value, Mapping) else None


def _slot(name: str) -> str:
    """Mark the place of a recipient's slot: its name between two private characters, which `rendering` replaces."""
    return f"{SLOT_START}{name}{SLOT_END}"
