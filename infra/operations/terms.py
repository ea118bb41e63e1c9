"""Write the table of the platforms' terms into the shelf's README (``make schemas``)."""

import sys
from collections.abc import Iterable

from standby.platform.counted import counted
from standby.shelf.model import RULES
from standby.shelf.terms import TERMS, item_availability

from infra.operations.schemas import PRODUCT

CONTENTS = PRODUCT / "standby" / "shelf" / "README.md"
ABOUT = """# What platforms call it

Written by `make schemas` from `terms.py`, which names the sources. `GET /v1/feeds/availability.tsv` tells all SKUs in
Google's words. Google demands an `availability_date` for `preorder` and `backorder`, and takes none
beside the others.

"""
HEADINGS = (
    "status",
    "when",
    "[schema.org](https://schema.org/ItemAvailability)",
    "[Google](https://support.google.com/merchants/answer/6324448)",
    "[Meta](https://developers.facebook.com/docs/commerce-platform/catalog/fields/)",
    "Shopify: `availableForSale`",
)
LATER = "not said yet"


def text() -> str:
    """Return the file's text."""
    when = {str(status): rule for status, rule in RULES.items()}
    rows = [
        (
            f"`{status}`",
            when.get(status, LATER),
            f"`{item_availability(status)}`",
            f"`{called.google}`",
            f"`{called.meta}`",
            "yes" if called.shopify else "no",
        )
        for status, called in TERMS.items()
    ]
    return ABOUT + "".join(map(_line, [HEADINGS, ["---"] * len(HEADINGS), *rows]))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def main() -> int:
    """Write the file."""
    made = text()
    stale = not CONTENTS.exists() or CONTENTS.read_text("utf-8") != made
    if stale:
        CONTENTS.write_text(made, "utf-8")
    print(f"{counted(int(stale), 'table')} of terms written anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
