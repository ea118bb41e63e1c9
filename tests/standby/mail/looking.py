"""Every kind there is to look at, those of the product and one of the tests that shows every block."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standby.mail.composing import Cards
from standby.mail.kind import PRODUCT_KINDS
from standby.mail.model import Mail
from standby.mail.rendering import MailRenderer

TEST_KINDS = Path(__file__).with_name("kinds")
ROOTS = (PRODUCT_KINDS, TEST_KINDS)
FOLDERS = sorted(path.parent for root in ROOTS for path in root.glob("*/kind.json"))
LANGUAGES = sorted(path.stem for path in (PRODUCT_KINDS.parent / "locales").glob("*.json"))
PRODUCT_PAGE = "https://shop.example/p/{sku}"
NO_CARDS: Cards = {}
LEASED_AT = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)


def renderer(product_page: str | None = PRODUCT_PAGE, cards: Cards = NO_CARDS) -> MailRenderer:
    return MailRenderer(
        "Olive & Loom <news@shop.example>",
        "Olive & Loom, 1 Herzl St, Tel Aviv",
        "default",
        time_zone="Asia/Jerusalem",
        product_page=product_page,
        kinds=ROOTS,
        cards=lambda skus: {sku: cards[sku] for sku in skus if sku in cards},
    )


def sample(kind: str) -> Mapping[str, Any]:
    (folder,) = [folder for folder in FOLDERS if folder.name == kind]
    said: dict[str, Any] = json.loads((folder / "sample.json").read_text("utf-8"))
    return said


def write(
    kind: str, locale: str = "en", product_page: str | None = PRODUCT_PAGE, cards: Cards = NO_CARDS, **data: Any
) -> Mail:
    """Write a kind's sample, with other data for some of its fields."""
    return renderer(product_page, cards).render(kind, locale, sample(kind)["data"] | data, leased_at=LEASED_AT)
