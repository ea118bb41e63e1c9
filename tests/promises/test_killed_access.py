"""Promise 11 when the authorizer's read is broken: it fails. The gateway lets nobody in then, and keeps no answer."""

from typing import Any

import pytest
from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException
from standby.access.model import digest_of, key_text
from standby.access.repository import KeyRepository
from standby.access.service import Keys
from standby.platform.clock import SystemClock

from tests.promises.killing import Scenario, report
from tests.promises.shop import Shop
from tests.world import Killed, World

pytestmark = pytest.mark.promise("P11")

GOOD, REVOKED, UNKNOWN = (key_text(letter * 32) for letter in (b"g", b"r", b"u"))
RIGHT = {GOOD: True, REVOKED: False, UNKNOWN: False}
"""Whether a key opens anything."""
DECISIONS = "decisions"
"""What the authorizer answered. It is kept as an event of the world, so that a restored world forgets it."""


def two_keys_are_issued(shop: Shop) -> None:
    random = iter((b"g" * 32, b"r" * 32))
    keys = Keys(KeyRepository("Access"), SystemClock(), lambda _size: next(random))
    assert [keys.issue(name, ["storefront"]) for name in ("till 4", "till 5")] == [GOOD, REVOKED]
    keys.revoke(digest_of(REVOKED))


def each_is_shown(world: World) -> None:
    for key in RIGHT:
        answers = (shown(world, key) for _ in range(3))
        world.events.append((DECISIONS, {"key": key, **next(filter(None, answers))}))


def shown(world: World, key: str) -> dict[str, Any] | None:
    """Return the authorizer's answer, or ``None`` where it failed. The gateway keeps no failure."""
    event = {"version": "2.0", "type": "REQUEST", "headers": {"Authorization": f"Bearer {key}"}}
    try:
        answer: dict[str, Any] = world.run("access_authorizer", event)
    except (Killed, PynamoDBException, BotoCoreError):
        return None
    return answer


def every_decision_is_right(world: World, _most: int) -> None:
    decided = [(detail["key"], detail["isAuthorized"]) for name, detail in world.events if name == DECISIONS]
    assert decided == list(RIGHT.items()), f"promise 11: {decided}"
    scopes = [detail["context"]["scopes"] for name, detail in world.events if detail.get("isAuthorized")]
    assert scopes == ["storefront"], f"promise 11: {scopes}"


SCENARIOS = (Scenario("keys shown", two_keys_are_issued, each_is_shown, every_decision_is_right, every=1),)


def test_a_broken_read_is_an_error_and_never_a_decision(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (scenario,) = SCENARIOS
    scenario.set_up(shop, monkeypatch)

    explored = scenario.broken(shop.world)

    assert explored.kinds == {("access_authorizer", "dynamodb", "GetItem")}
    report(capsys, scenario.name, explored)
