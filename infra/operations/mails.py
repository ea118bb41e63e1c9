"""Render every kind of mail in every language, light and dark, into one page to look at (``make mails``).

Each kind is written with its ``sample.json``, once as if the catalogue knew the product and once without it; kinds that
only the tests have are shown too. Frames show each mail as
wide as on a desk and as on a phone. The dark frames apply the mail's own rules for dark mode; the light ones do not.
"""

import html
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from standby.mail.composing import Cards
from standby.mail.kind import PRODUCT_KINDS
from standby.mail.model import Mail
from standby.mail.rendering import MailRenderer

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "mails"
KINDS = (PRODUCT_KINDS, ROOT / "tests" / "standby" / "mail" / "kinds")
DARK = "@media (prefers-color-scheme: dark)"
SCHEMES = {"light": "@media not all", "dark": "@media all"}
WIDTHS = {"desk": 640, "phone": 375}
PICTURE = re.compile(r'(?<=<img src=")[^"]*')
PAINTED = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 494 300"><rect width="494" height="300" fill="#d8c9ae"/>'
    '<circle cx="247" cy="170" r="82" fill="#b9654a"/><path d="M180 90h134l-22 60H202z" fill="#33584d"/></svg>'
)
MUG = {
    "product_id": "MUG",
    "title": {"en": "Hand-thrown mug", "he": "ספל בעבודת יד"},
    "image": "https://shop.example/mug.jpg",
    "url": "https://shop.example/mugs/hand-thrown",
    "rating": {"hundredths": 460, "count": 128},
}
CATALOGUE = {
    f"MUG-{colour.upper()}": {**MUG, "variant": {"en": colour, "he": he}, "price": {"amount": 12990, "currency": "ILS"}}
    for colour, he in (("Blue", "כחול"), ("Red", "אדום"))
}
BOWL = {
    "sku": "BOWL",
    "product_id": "BOWL",
    "title": {"en": "Hand-thrown bowl", "he": "קערה בעבודת יד"},
    "image": "https://shop.example/bowl.jpg",
    "url": "https://shop.example/bowls/hand-thrown",
    "price": {"amount": 9990, "currency": "ILS"},
}
STORE = {
    "name": "Olive & Loom Jaffa",
    "lines": ["3 Old Port St", "Jaffa"],
    "phone": "+972 3 555 0101",
    "hours": [
        {"from_day": 7, "to_day": 4, "opens": "09:30", "closes": "20:00"},
        {"from_day": 5, "to_day": 5, "opens": "09:00", "closes": "14:30"},
    ],
    "km": 5,
}
NEAR = "32.09,34.78"
LEASED_AT = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mails</title><style>
body {{ margin: 2rem; font: 16px/1.5 system-ui, sans-serif; background: #d9dbde; color: #1b1d20; }}
section {{ margin-block-end: 4rem; }}
.row {{ display: flex; gap: 1rem; align-items: flex-start; margin-block-end: 1rem; }}
figure {{ margin: 0; }}
figcaption, summary {{ font-size: .875rem; }}
iframe {{ border: 0; display: block; background: #fff; }}
pre {{ margin: 0; padding: 1rem; max-width: 60rem; white-space: pre-wrap; background: #fff; unicode-bidi: plaintext; }}
</style></head><body><h1>Mails</h1>{sections}
<script>for (const frame of document.querySelectorAll("iframe")) {{
  const fit = () => frame.style.height = frame.contentDocument.documentElement.scrollHeight + "px";
  frame.addEventListener("load", fit); fit();
}}</script></body></html>
"""


@dataclass(frozen=True)
class Shown:
    """One kind in one language, as one recipient gets it."""

    kind: str
    language: str
    mail: Mail
    slots: Mapping[str, str]

    def filled(self, part: str) -> str:
        """Fill a recipient's slots as SES does."""
        for name, value in self.slots.items():
            part = part.replace(f"{{{{{name}}}}}", value)
        return part

    def html(self, scheme: str) -> str:
        """Return the HTML as a reader sees it in light or dark mode; a drawn picture replaces those of the sample."""
        return PICTURE.sub(PAINTED, self.filled(self.mail.html).replace(DARK, SCHEMES[scheme]))


def shown() -> Iterator[Shown]:
    """Write every kind in every language, and once more those that the catalogue's word or a store near by changes."""
    languages = sorted(path.stem for path in (PRODUCT_KINDS.parent / "locales").glob("*.json"))
    for folder in sorted(path.parent for root in KINDS for path in root.glob("*/kind.json")):
        sample: dict[str, Any] = json.loads((folder / "sample.json").read_text("utf-8"))
        for language in languages:
            known, unknown = (
                _renderer(cards).render(folder.name, language, sample["data"], leased_at=LEASED_AT)
                for cards in (CATALOGUE, {})
            )
            yield Shown(folder.name, language, known, sample["slots"])
            near = _renderer(CATALOGUE).render(
                folder.name, language, sample["data"], leased_at=LEASED_AT, places=[NEAR]
            )
            if near.nearest:
                yield Shown(f"{folder.name}-near", language, near, {**sample["slots"], **near.own_blocks(NEAR)})
            if unknown != known:
                yield Shown(f"{folder.name}-without-catalogue", language, unknown, sample["slots"])


def _renderer(cards: Cards) -> MailRenderer:
    return MailRenderer(
        "Olive & Loom <news@shop.example>",
        "Olive & Loom, 1 Herzl St, Tel Aviv",
        "us",
        time_zone="Asia/Jerusalem",
        product_page="https://shop.example/p/{sku}",
        kinds=KINDS,
        cards=lambda skus: {sku: cards[sku] for sku in skus if sku in cards},
        instead=lambda _skus: [BOWL] if cards else [],
        nearest=lambda _sku, places: dict.fromkeys(places, STORE),
    )


def page(mails: Iterator[Shown]) -> str:
    """Return the page that shows them all."""
    return PAGE.format(sections="".join(map(_section, mails)))


def _section(each: Shown) -> str:
    frames = "".join(
        f'<figure><figcaption>{scheme}, {name}</figcaption><iframe title="{each.kind} {each.language} {scheme} {name}" '
        f'width="{width}" srcdoc="{html.escape(each.html(scheme))}"></iframe></figure>'
        for scheme in SCHEMES
        for name, width in WIDTHS.items()
    )
    subject = html.escape(each.filled(each.mail.subject))
    text = html.escape(each.filled(each.mail.text))
    return (
        f'<section id="{each.kind}-{each.language}"><h2>{each.kind}, {each.language}: <bdi>{subject}</bdi></h2>'
        f'<div class="row">{frames}</div><details><summary>text</summary><pre>{text}</pre></details></section>\n'
    )


def main() -> int:
    """Write the page and say where it is."""
    BUILT.mkdir(parents=True, exist_ok=True)
    (BUILT / "index.html").write_text(page(shown()), "utf-8")
    print(f"look at {BUILT / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
