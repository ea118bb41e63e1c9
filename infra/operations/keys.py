"""``make keys``: list the API keys of the shop's own systems; ``make revoke key=HINT``: end one."""

import argparse
import sys

from standby.access.model import AccessKey, UnknownKeyError
from standby.access.service import AmbiguousKeyError
from standby.platform.clock import to_text

from infra.operations.command import run
from infra.operations.key import managed
from infra.operations.place import Place, PlaceError, arguments, chosen


def main() -> int:
    """List the keys, or revoke one."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--revoke", help="the key's hint (its last four characters) or its id, as make keys shows them")
    said = parser.parse_args()
    if said.revoke is not None and not said.revoke.strip():
        print("say which: make revoke key=HINT (make keys shows the hints)", file=sys.stderr)
        return 1
    try:
        place = chosen(said)
        print(listed(place) if said.revoke is None else revoked(place, said.revoke.strip()))
    except AmbiguousKeyError as error:
        print(f"several keys have this hint; name one by its id: {error}", file=sys.stderr)
        return 1
    except (PlaceError, UnknownKeyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def listed(place: Place) -> str:
    """Return a line for each key, the oldest first."""
    with managed(place) as keys:
        found = keys.list()
    rows = [("name", "hint", "id", "scopes", "made", "revoked"), *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) if found else "no keys yet: make key scopes=erp,storefront,ops name=shop"


def revoked(place: Place, reference: str) -> str:
    """Revoke a key and say so. Raises `UnknownKeyError` and `AmbiguousKeyError`."""
    with managed(place) as keys:
        key = keys.revoke(reference)
    at = to_text(key.revoked_at) if key.revoked_at else ""
    return f"{key.name} (…{key.hint}, {key.key_id}) is revoked since {at}; it may open routes for a minute more"


def _row(key: AccessKey) -> tuple[str, ...]:
    ended = to_text(key.revoked_at) if key.revoked_at else "-"
    return (key.name, key.hint, key.key_id, ",".join(sorted(key.scopes)), to_text(key.created_at), ended)


if __name__ == "__main__":
    run(main)
