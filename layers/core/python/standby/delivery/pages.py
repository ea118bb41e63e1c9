"""The pages behind the links in mails about orders, in the customer's language.

Mail scanners follow every link, so showing a page changes nothing: its buttons POST (design, promise 11). Forms name
relative addresses, so that a page works under any domain and path prefix.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from standby.platform.counted import form
from standby.platform.formats import Formats
from standby.platform.json_text import to_json
from standby.platform.page import Pages
from standby.shelf.on_pages import Cards, products_shown

if TYPE_CHECKING:
    from standby.delivery.answers import ShipmentShown, StepShown, TrackedLineShown, TrackShown

MOST_LINES = 100
"""Products that a page shows of a shipment, or of what is cancelled."""
ISOLATE, POP = "\u2068", "\u2069"
"""Around what is of another direction than the words that it stands in (Unicode: FSI and PDI)."""


def track_page(
    locale: str,
    shown: "TrackShown",
    *,
    cards: Cards,
    zones: tuple[str | None, str],
    forms: str,
    home: str,
    remedies: str = "",
    wrong: str | None = None,
    confirm_to: str | None = None,
) -> str:
    """Write the page of a customer's own order. ``zones`` are the customer's time zone, if known, and the shop's.

    ``forms`` stands before the addresses to which its forms POST, ``home`` leads to the page itself and ``remedies`` to
    that of what was granted for the wait. ``wrong`` is the slug of the problem that a form ran into. ``confirm_to`` is
    the hidden address to which a withdrawal that is still to be confirmed will be acknowledged; an empty one: none is
    known.
    """
    text = _pages().text(locale)
    formats = Formats.of(text["lang"], *zones)
    parts = [shipment["shipment_id"] for shipment in shown["shipments"]]
    writer = _Writer(text, formats, cards, parts)
    shipments = [writer.shipment(shipment) for shipment in shown["shipments"]]
    of = {line["line_id"]: line for each in shown["shipments"] for line in each["lines"]}
    of |= {line["line_id"]: line for line in shown["lines"]}
    cancel, withdraw = shown["cancel"], shown["withdraw"]
    some = 0 < len(cancel["line_ids"]) < len(of)
    return _pages().write(
        "confirm" if confirm_to is not None else "track",
        locale,
        shown=shown,
        head=text["head"][_head(shown)],
        mark=_head(shown),
        shipments=shipments,
        rest=writer.products(shown["lines"]),
        history=[writer.step(step) for step in shown["history"]],
        cancel_by_shop=bool(cancel["line_ids"]) and not cancel["open"],
        cancel_products=writer.products(of[each] for each in cancel["line_ids"]) if some else [],
        withdraw_products=writer.products(of[each] for each in withdraw["line_ids"]),
        withdraw_lines=to_json(withdraw["line_ids"]),
        asked_at=writer.instant(cancel["asked_at"]),
        sent_at=writer.instant(cancel["sent_at"]),
        withdrawn_at=writer.instant(withdraw["sent_at"]),
        withdraw_until=writer.day(withdraw["until"]),
        refund=writer.counted(text["refund"][shown["refund"]["of"]], shown["refund"]["count"]),
        withdraw_days=writer.counted(text["withdraw"]["text_days"], withdraw["days"]),
        wording=wording(locale),
        forms=forms,
        home=home,
        remedies=remedies if shown["remedied"] else "",
        wrong=wrong,
        number=f"{ISOLATE}{shown['order']}{POP}",
        confirm_to=f"{ISOLATE}{confirm_to}{POP}" if confirm_to else confirm_to,
    )


def problem_page(locale: str, kind: str) -> str:
    """Write the page that says in words what a problem means for the person who followed the link."""
    return _pages().write("problem", locale, kind=kind)


def wording(locale: str) -> str:
    """Return the version of the words to which a customer agrees: it changes with them."""
    text = _pages().text(locale)
    return f"{text['lang']}-{crc32(repr(sorted(text['wait'].items())).encode()):08x}"


class _Writer:
    """Writes what an order says as a reader's language does."""

    def __init__(self, text: Mapping[str, Any], formats: Formats, cards: Cards, parts: Sequence[str]) -> None:
        self.text = text
        self.formats = formats
        self.cards = cards
        self.parts = parts

    def instant(self, at: str | None) -> str:
        return self.formats.instant(at) if at else ""

    def day(self, day: str | None) -> str:
        return self.formats.date(day) if day else ""

    def products(self, lines: "Iterable[TrackedLineShown]") -> list[dict[str, Any]]:
        return [
            {**products_shown([line["sku"]], self.cards, self.text["lang"])[0], "prices": [], "units": line["quantity"]}
            for line in list(lines)[:MOST_LINES]
        ]

    def shipment(self, shipment: "ShipmentShown") -> dict[str, Any]:
        silence, agreed, lines = shipment["silence"], shipment["agreed"], shipment["lines"]
        words = dict(self.text["wait"])
        said = ""
        if agreed is not None:
            said = words["agreed" if agreed["until"] else "agreed_unknown"]
            said = said.replace("{at}", self.instant(agreed["at"])).replace("{day}", self.day(agreed["until"]))
        quiet = ""
        if shipment["late"] or shipment["may_wait"]:
            decided = {"cancels": "decided", "consents": "consented"} if silence["decided"] else {}
            meaning = decided.get(silence["meaning"], silence["meaning"])
            quiet = self.text["silence"][meaning] if shipment["may_wait"] or meaning == "decided" else ""
        return {
            **shipment,
            "products": self.products([each for each in lines if not each["given_up"]] or lines),
            "because": shipment["words"].get(self.text["lang"]),
            "promised": self.day(shipment["promised_until"]),
            "by": self.day(shipment["expected"]),
            "days": self._days(shipment["days_late"]),
            "agreed_said": said,
            "answered_at": self.instant(shipment["arrival"]["at"] if shipment["arrival"] else None),
            "quiet": quiet.replace("{at}", self.day(silence["at"])).replace("{until}", self.day(silence["until"])),
            "button": words["button" if shipment["expected"] else "button_unknown"].replace(
                "{day}", self.day(shipment["expected"])
            ),
        }

    def step(self, step: "StepShown") -> dict[str, str]:
        words = self.text["history"]
        what = f"{step['what']}_unknown" if step["day"] is None and f"{step['what']}_unknown" in words else step["what"]
        said = words.get(what, step["what"]).replace("{day}", self.day(step["day"]))
        cause = self.text["cause"].get(step["cause"] or "", "")
        return {
            "at": step["at"],
            "when": self.instant(step["at"]),
            "said": said,
            "more": cause or step["carrier"] or "",
            "part": self._part(step["shipment_id"]),
        }

    def _part(self, shipment_id: str | None) -> str:
        """Write which of several shipments it is."""
        if shipment_id not in self.parts or len(self.parts) == 1:
            return ""
        word: str = self.text["part"]
        number, of = self.parts.index(shipment_id) + 1, len(self.parts)
        return word.replace("{place}", self.formats.number(number)).replace("{of}", self.formats.number(of))

    def _days(self, days: int) -> str:
        if days < 1:
            return ""
        return self.counted(self.text["late"], days)

    def counted(self, forms: Mapping[str, str], number: int) -> str:
        """Write a text that has a form for each kind of number; ``#`` is the number's place."""
        return form(self.text["lang"], number, forms).replace("#", self.formats.number(number))


def _head(shown: "TrackShown") -> str:
    """Return what a page says first: the worst that is so of any part."""
    states = {shipment["state"] for shipment in shown["shipments"]}
    if any(shipment["late"] for shipment in shown["shipments"]):
        return "late"
    if states and states <= {"cancelled", "returned"}:
        return "over"
    if states and states <= {"delivered", "cancelled", "returned"}:
        return "delivered"
    return "waiting" if "waiting" in states or not states else "shipped"


@cache
def _pages() -> Pages:
    return Pages.of(Path(__file__).with_name("pages"))
