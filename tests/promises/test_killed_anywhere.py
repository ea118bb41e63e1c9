"""Promises 1 to 4, 8 and 9 when any one AWS call of the journey is broken in any way."""

from collections import Counter

import pytest
from standby.platform.clock import to_text

from tests.crashes import FAULTS, Explored, explore
from tests.promises.shop import CONSENT, Shop, customers
from tests.world import World

SKU = "SHIRT-RED-M"
MOST_REPEATED = 50


def report(capsys: pytest.CaptureFixture[str], what: str, explored: Explored) -> None:
    """Print the number of crash points past pytest's capture, and fail on the first broken promise."""
    with capsys.disabled():
        print(f"\n  {what}: {explored.points} crash points, {len(explored.broken)} broken")  # noqa: T201 - the figure
    assert [f"{point}: {failure.splitlines()[0]}" for point, failure in explored.broken] == []


def repeats(world: World) -> int:
    """Count the mails beyond the first to each address."""
    told = Shop(world).told()
    return sum(told.values()) - len(told)


def dead_letters(world: World) -> list[str]:
    """Name the dead-letter queues that hold something."""
    return [name for name, queue in world.queues.items() if queue and name.endswith("DeadLetters")]


def everything_runs(world: World) -> None:
    """Run until quiet, let leases and delays pass, and run again."""
    world.settle()
    for _ in range(2):
        world.wait(minutes=16)


def test_nobody_is_lost_and_one_call_at_most_repeats_when_a_restock_is_told(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    everybody = customers(70)
    shop.counts(SKU, 0)
    for email in everybody:
        shop.waits(email, SKU, locale="he" if email.endswith("3@example.org") else "en")

    def act(world: World) -> None:
        world.send("StockUpdates", Shop(world).level(SKU, 500))
        everything_runs(world)

    def check(world: World) -> None:
        told = Shop(world).told()
        assert set(everybody) - set(told) == set(), "lost"
        assert repeats(world) <= MOST_REPEATED, "repeated more than one call"
        assert max(told.values()) <= 2, "told more than twice"
        assert Shop(world).figures(SKU)["waiting"] == 0, "told and still waiting"
        assert dead_letters(world) == [], "set aside without need"
        assert Shop(world).stock(SKU)["on_hand"] == 500, "the ERP's word was lost"

    report(capsys, "telling 70 customers", explore(shop.world, act, check))


def test_waves_never_tell_more_than_there_are_units(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    everybody = customers(30)
    shop.counts(SKU, 0)
    for email in everybody:
        shop.waits(email, SKU)
        shop.world.clock.advance(seconds=1)

    def act(world: World) -> None:
        world.send("StockUpdates", Shop(world).level(SKU, 5))
        world.settle()
        world.wait(minutes=16)
        world.wait(minutes=16)

    def check(world: World) -> None:
        assert set(Shop(world).told()) == set(everybody[:5]), "not the first five"

    report(capsys, "a wave of 5 of 30", explore(shop.world, act, check))


def test_joining_and_confirming_survive_any_break(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.counts(SKU, 0)

    def act(world: World) -> None:
        again = Shop(world)
        attempts = iter(range(6))
        while not world.mailed("confirm") and next(attempts, None) is not None:
            _answered(
                world,
                "POST",
                "/v1/waitlist",
                body={
                    "email": "ana@example.org",
                    "skus": [SKU],
                    "quantity": 1,
                    "locale": "en",
                    "consent": CONSENT,
                },
            )
            everything_runs(world)
        token = next(mail.link("confirm") for mail in world.mails if mail.email == "ana@example.org")
        attempts = iter(range(6))
        while (
            not _answered(world, "POST", "/v1/waitlist/confirm", query={"token": token})
            and next(attempts, None) is not None
        ):
            everything_runs(world)
        again.counts(SKU, 1)
        everything_runs(world)

    def check(world: World) -> None:
        told = Shop(world).told()
        assert set(told) == {"ana@example.org"}, "lost"
        assert told["ana@example.org"] <= 2, "told more than twice"
        figures = Shop(world).figures(SKU)
        assert (figures["unconfirmed"], figures["waiting"], figures["told"]) == (0, 0, 1), figures

    report(capsys, "joining and confirming", explore(shop.world, act, check))


def _answered(world: World, method: str, path: str, **more: object) -> bool:
    """Make a request as an impatient person would: killed, or refused, it is simply tried again later."""
    from tests.world import Killed  # noqa: PLC0415 - beside its use

    try:
        status, _ = world.request("waitlist_api", method, path, **more)  # type: ignore[arg-type]
    except Killed:
        return False
    return status < 300


def test_leaving_is_final_whatever_breaks(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.counts(SKU, 0)
    shop.joins("ana@example.org", SKU)
    shop.confirms("ana@example.org")
    token = shop.world.mails[-1].link("leave")

    def act(world: World) -> None:
        attempts = iter(range(6))
        while (
            not _answered(world, "POST", "/v1/waitlist/leave", query={"token": token})
            and next(attempts, None) is not None
        ):
            everything_runs(world)
        everything_runs(world)
        Shop(world).counts(SKU, 5)
        everything_runs(world)

    def check(world: World) -> None:
        assert Shop(world).told() == {}, "told after leaving"
        assert Shop(world).figures(SKU)["waiting"] == 0

    report(capsys, "leaving", explore(shop.world, act, check))


def test_the_ledger_ends_at_the_newest_word_whatever_breaks(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    first = [shop.level(SKU, 3), shop.level("OTHER", 1)]
    shop.world.clock.advance(seconds=5)
    second = [shop.level(SKU, 8), {
        "type": "stock.incoming", "purchase_order_id": "PO-1", "sku": SKU, "quantity": 20, "eta": "2026-06-01",
        "supplier_id": "S-1", "as_of": to_text(shop.world.clock.now()),
    }]  # fmt: skip

    def act(world: World) -> None:
        world.send("StockUpdates", {"type": "batch", "messages": first + second})
        world.send("StockUpdates", first[0])
        world.send("StockUpdates", "{not json")
        everything_runs(world)

    def check(world: World) -> None:
        stock = Shop(world).stock(SKU)
        assert (stock["on_hand"], stock["free"], stock["incoming"]) == (8, 8, 20)
        assert Counter(world.names())["Restocked"] >= 2, "a restock was lost"
        assert {letter.body for letter in world.queues["StockUpdatesDeadLetters"]} == {"{not json"}

    report(capsys, "a feed of levels", explore(shop.world, act, check, faults=FAULTS))
