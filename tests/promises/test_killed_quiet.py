"""The segment of customers who went quiet is right on the bus, whichever call of what keeps it breaks."""

from collections import Counter
from datetime import timedelta

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.segments import SEGMENT, segment
from tests.promises.shop import CONSENT, TOKENS, Shop
from tests.world import World

pytestmark = pytest.mark.promise("P8", "P9")

STAYS, RETURNS, LEAVES, WANTS_NONE = PEOPLE = [f"{name}@example.org" for name in ("stays", "returns", "leaves", "none")]
DAYS = 60
MUG, BOWL = "MUG", "BOWL"


def four_were_told(shop: Shop) -> None:
    for sku in (MUG, BOWL):
        shop.counts(sku, 3)
        shop.counts(sku, 0)
    for email in PEOPLE:
        at = to_text(shop.world.clock.now())
        consent = {**CONSENT, "marketing": email != WANTS_NONE, "at": at, "source": "checkout"}
        for sku in (MUG, BOWL):
            shop.waits(email, sku, consent=consent)
        shop.world.clock.advance(seconds=1)
    shop.world.settle()
    shop.counts(MUG, 9)
    shop.world.clock.advance(days=8)
    sweep(shop.world)
    shop.world.clock.advance(days=DAYS)


def sweep(world: World) -> None:
    world.send("WaitlistSweeps", {"sweep": "due"})
    everything_runs(world)


def they_go_quiet_and_two_do_something(world: World) -> None:
    for _ in range(2):
        sweep(world)
        world.clock.advance(minutes=1)
    for email in (LEAVES, RETURNS):
        query = {
            "token": TOKENS.issue(
                "leave" if email == LEAVES else "mine",
                {"a": address_key(email)},
                now=world.clock.now(),
                lifetime=timedelta(days=1),
            )
        }
        if email == LEAVES:
            pressed(world, "POST", "/v1/waitlist/leave", query)
        else:
            _, mine = insists(world, "waitlist_api", "GET", "/v1/waitlist/mine", query=query)
            pressed(world, "DELETE", f"/v1/waitlist/mine/{mine['items'][0]['id']}", query)
    everything_runs(world)
    for _ in range(2):
        sweep(world)
        world.clock.advance(minutes=1)


def pressed(world: World, method: str, path: str, query: dict[str, str]) -> None:
    """Press a button until it says that it worked, as a person would."""
    for _ in range(3):
        try:
            status, _ = world.request("waitlist_api", method, path, query=query)
        except BaseException as failure:
            if isinstance(failure, KeyboardInterrupt):
                raise
            continue
        if status < 500:
            return


def who_stays_alone_is_in_the_segment(world: World, most: int) -> None:
    assert segment(world, PEOPLE) == {STAYS}
    told = Counter((name, detail["address"]) for name, detail in world.events if name in SEGMENT)
    assert set(told) >= {("CustomerWentQuiet", address_key(STAYS))}
    assert not [address for _, address in told if address == address_key(WANTS_NONE)], "promise 8"
    ids = {detail["id"] for name, detail in world.events if name in SEGMENT}
    assert len(ids) == 5, "each change has one id, however often it is told"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "customers go quiet and come back",
        four_were_told,
        they_go_quiet_and_two_do_something,
        who_stays_alone_is_in_the_segment,
        every=11,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_segment_is_right_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
