"""``make key``: make an API key for one of the shop's own systems; it is printed once and kept only as a hash."""

import argparse
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from standby.access.model import UnknownScopeError
from standby.access.repository import KeyRepository
from standby.access.service import Keys
from standby.platform.clock import SystemClock

from infra.operations.place import Place, PlaceError, arguments, chosen


def main() -> int:
    """Make the key and print it."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--scopes", required=True, help="of erp, storefront and ops, with commas")
    parser.add_argument("--name", required=True, help="which system will use it")
    said = parser.parse_args()
    scopes = [scope.strip() for scope in said.scopes.split(",") if scope.strip()]
    if not scopes or not said.name.strip():
        print('say which: make key scopes=erp,storefront name="till 4"', file=sys.stderr)
        return 1
    try:
        print(issue(chosen(said), said.name.strip(), scopes))
    except (PlaceError, UnknownScopeError) as error:
        print(error, file=sys.stderr)
        return 1
    print("Keep it now: it is stored as a hash and cannot be shown again.", file=sys.stderr)
    return 0


def issue(place: Place, name: str, scopes: list[str]) -> str:
    """Make a key in the place's Access table and return it."""
    with managed(place) as keys:
        return keys.issue(name, scopes)


@contextmanager
def managed(place: Place) -> Iterator[Keys]:
    """Give the keys of a place to whoever manages them."""
    keys = Keys(KeyRepository(place.outputs["AccessTableName"]), SystemClock(), secrets.token_bytes)
    with _environment(place):
        yield keys


@contextmanager
def _environment(place: Place) -> Iterator[None]:
    """Point PynamoDB at the place. It takes endpoint, region and credentials from the environment only."""
    wanted = {"AWS_DEFAULT_REGION": place.session.region_name}
    credentials = place.session.get_credentials()
    if place.endpoint is not None and credentials is not None:
        wanted |= {
            "AWS_ENDPOINT_URL": place.endpoint,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_REGION": place.session.region_name,
        }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


if __name__ == "__main__":
    sys.exit(main())
