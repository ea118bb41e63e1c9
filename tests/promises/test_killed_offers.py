"""Promises 1 to 3 of held offers when what happens to them is broken at any call."""

from collections import Counter
from typing import Any

import pytest

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.preorder_checks import adds_up, everything_was_told, offers, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.line import HOURS, LINK, WaitingLine
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P2", "P3", "P5")
UNITS, WAITING = 2, 5


def answers(world: World, token: str, what: str) -> tuple[int, Any]:
    """Press a button of an offer's page until there is an answer that is no failure of ours."""
    status, answer = insists(world, "preorder_viewer", "POST", f"/v1/offers/{token}/{what}")
    assert status in (200, 201, 409, 410), answer
    return status, answer


def tokens(world: World) -> dict[str, str]:
    """Return the newest link's token of everybody who was offered something, in the order of the first mails."""
    found = [(mail.email, LINK.search(mail.text)) for mail in world.mails]
    return {email: link[1] for email, link in found if link}


def five_wait(shop: Shop) -> None:
    WaitingLine(shop).begins(WAITING, hours=HOURS)
    shop.world.settle()


def two_come_and_pass_on(world: World) -> None:
    """Two units come: one is taken and ordered, the other declined, then left without an answer, then left."""
    world.send("StockUpdates", Shop(world).level(LAMP, UNITS))
    everything_runs(world)
    first, second, *_ = tokens(world).values()
    status, made = answers(world, first, "accept")
    assert status == 201, made
    answers(world, second, "decline")
    everything_runs(world)
    status, answer = insists(
        world, "preorder_api", "POST", f"/v1/reservations/{made['id']}/confirm", scopes="storefront"
    )
    assert (status, answer["status"]) == (200, "confirmed"), answer
    world.wait(hours=HOURS * 0.8)
    everything_runs(world)
    world.wait(hours=HOURS * 0.3)
    everything_runs(world)
    last = next(mail for mail in reversed(world.mails) if LINK.search(mail.text) and "Stop" in mail.text)
    leave = {"token": last.link("leave")}
    insists(world, "waitlist_api", "POST", "/v1/waitlist/leave", query=leave)
    everything_runs(world)


def nobody_was_offered_what_was_not_there(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world, held=1)
    mails = Counter((mail.email, mail.subject.partition(" set")[0]) for mail in world.mails if LINK.search(mail.text))
    assert max(mails.values()) <= most, f"promise 3: {mails}"
    known = [each for each in offers(world) if each.offer and each.offer.over != "unmade"]
    line = {f"w{number}@example.org" for number in range(WAITING)}
    assert set(tokens(world)) <= line
    assert len(known) == len(tokens(world)), "promise 2: whoever was offered something was told so"
    assert Counter(each.status for each in known)["confirmed"] == 1
    assert Sales(Shop(world)).numbers() == (0, 2, 0), Sales(Shop(world)).numbers()
    figures = Shop(world).figures(LAMP)
    assert figures["waiting"] == WAITING - len(tokens(world)), f"promise 2: {figures}"
    assert dead_letters(world) == [], dead_letters(world)


def one_is_bought_meanwhile(world: World) -> None:
    """Two units come, and before they can be held somebody buys one."""
    world.send("StockUpdates", Shop(world).level(LAMP, UNITS))
    world.held = frozenset({"PreorderAllocations"})
    world.settle()
    body = {"kind": "checkout", "sku": LAMP, "customer": {"email": "quick@example.org"}}
    headers = {"Idempotency-Key": "quick"}
    status, made = insists(
        world, "preorder_api", "POST", "/v1/reservations", body=body, headers=headers, scopes="storefront"
    )
    assert status in (201, 409), made
    world.held = frozenset()
    if status == 201:
        insists(world, "preorder_api", "POST", f"/v1/reservations/{made['id']}/confirm", scopes="storefront")
    everything_runs(world)


def one_is_offered_and_nobody_is_lost(world: World, most: int) -> None:
    adds_up(world)
    assert [each.reservation_id for each in reservations(world) if each.owed] == []
    found = tokens(world)
    mails = Counter(mail.email for mail in world.mails if LINK.search(mail.text))
    assert max(mails.values()) <= most, f"promise 3: {mails}"
    bought = sum(each.offer is None and each.status == "confirmed" for each in reservations(world))
    assert list(found) == [f"w{number}@example.org" for number in range(UNITS - bought)], "promise 5"
    assert Shop(world).figures(LAMP)["waiting"] == WAITING - len(found), "promise 2"
    assert dead_letters(world) == [], dead_letters(world)


def one_vanishes(world: World) -> None:
    """Two units are offered, less is counted, and an offer ends before anybody takes it."""
    for units in (1, UNITS, 1):
        world.clock.advance(seconds=1)
        world.send("StockUpdates", Shop(world).level(LAMP, units))
        everything_runs(world)
    assert answers(world, tokens(world)["w1@example.org"], "accept")[0] in (409, 410)
    world.wait(minutes=12)
    everything_runs(world)


def one_is_offered_and_the_other_waits_again(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world, held=1)
    mails = Counter(mail.email for mail in world.mails if LINK.search(mail.text))
    assert set(mails) == {"w0@example.org", "w1@example.org"}
    assert max(mails.values()) <= most, f"promise 3: {mails}"
    assert sorted(str(each.offer and each.offer.over) for each in offers(world)) == ["None", "vanished"]
    assert Sales(Shop(world)).numbers() == (0, 1, 0), Sales(Shop(world)).numbers()
    assert Shop(world).figures(LAMP)["waiting"] == WAITING - 1, "promise 2"
    assert dead_letters(world) == [], dead_letters(world)


def one_took_it(shop: Shop) -> None:
    five_wait(shop)
    shop.counts(LAMP, 1)
    status, _ = answers(shop.world, tokens(shop.world)["w0@example.org"], "accept")
    assert status == 201
    shop.world.settle()


def it_comes_back_as_a_restock(world: World) -> None:
    """The only unit is given back while the SKU is out: it is freed, and that is a restock besides."""
    world.held = frozenset({"StockSettle"})
    answers(world, tokens(world)["w0@example.org"], "decline")
    world.settle()
    world.held = frozenset()
    everything_runs(world)


def the_second_is_offered_it_and_nobody_else(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world, held=1)
    mails = Counter(mail.email for mail in world.mails if LINK.search(mail.text))
    assert list(mails) == ["w0@example.org", "w1@example.org"], f"promise 5: {mails}"
    assert max(mails.values()) <= most, f"promise 3: {mails}"
    assert Sales(Shop(world)).numbers() == (0, 1, 0), Sales(Shop(world)).numbers()
    assert Shop(world).figures(LAMP)["waiting"] == WAITING - 2, "promise 2"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "two units are offered until somebody wants them",
        five_wait,
        two_come_and_pass_on,
        nobody_was_offered_what_was_not_there,
        every=43,
    ),
    Scenario(
        "a unit is bought before it is held",
        five_wait,
        one_is_bought_meanwhile,
        one_is_offered_and_nobody_is_lost,
        every=23,
    ),
    Scenario(
        "an offered unit vanishes",
        five_wait,
        one_vanishes,
        one_is_offered_and_the_other_waits_again,
        every=41,
    ),
    Scenario(
        "a freed unit is a restock, too",
        one_took_it,
        it_comes_back_as_a_restock,
        the_second_is_offered_it_and_nobody_else,
        every=31,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_unit_is_offered_twice_or_lost_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
