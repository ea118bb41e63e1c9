"""Planning: one chain of waves per SKU, sized by units, in order and in pages, despite repeats, delays and kills."""

import threading
from typing import Any

import pytest
from standby.ledger.model import SkuSettings
from standby.platform.queue import PoisonError
from standby.waitlist.reference import read

from tests.standby.waitlist.conftest import SKU, House, event


def emails(count: int) -> list[str]:
    return [f"customer-{number:04}@example.org" for number in range(count)]


def everybody_waits(house: House, count: int, **more: Any) -> list[str]:
    for email in emails(count):
        house.waits(email, **more)
    return emails(count)


def test_who_joined_confirmed_and_was_told_left_the_line(house: House) -> None:
    house.confirms("ana@example.org")
    house.restocks(revision=7, units=3)

    (job,) = house.bulk.bodies()
    assert job["kind"] == "back_in_stock"
    assert job["job_id"] == f"{SKU}@7#1#0#0"
    assert job["wave"] == f"{SKU}@7#1"
    assert job["data"]["sku"] == SKU
    assert set(job["recipients"][0]["slots"]) == {"mine", "leave"}
    assert house.line() == ["ana@example.org"]

    house.accepts()
    assert house.line() == []
    assert house.counts() == {"invited": 1, "told": 1}


@pytest.mark.promise("P5")
def test_a_wave_is_sized_by_units_and_goes_in_order(house: House) -> None:
    waiting = everybody_waits(house, 30)
    house.restocks(units=10)

    assert house.invited() == waiting[:10]


def test_a_ratio_tells_a_part_and_at_least_one(house: House) -> None:
    waiting = everybody_waits(house, 8)
    house.ledger.merged = SkuSettings(wave_ratio=0.5)
    house.restocks(revision=1, units=7)
    assert house.invited() == waiting[:3]

    house.accepts()
    house.ledger.merged = SkuSettings(wave_ratio=0.1)
    house.restocks(revision=2, units=1)
    assert house.invited() == waiting[3:4]


def test_everybody_is_told_where_the_shop_says_so(house: House) -> None:
    waiting = everybody_waits(house, 12)
    house.ledger.merged = SkuSettings(notify_everyone=True)
    house.restocks(units=1)

    assert house.invited() == waiting


@pytest.mark.promise("P5")
def test_pages_cover_the_line_once_and_in_order(house: House) -> None:
    small = House(house.dynamodb, shard_read=3)
    waiting = everybody_waits(small, 60)
    small.restocks()

    assert small.invited() == waiting
    jobs = [job["job_id"] for job in small.bulk.bodies()]
    assert len(jobs) == len(set(jobs)) > 4
    assert sum(invited.customers for invited in small.bus.named("CustomersInvited")) == 60
    assert small.counts()["invited"] == 60


def test_jobs_hold_fifty_of_one_language(house: House) -> None:
    for number, email in enumerate(emails(110)):
        house.waits(email, locale="he" if number % 10 == 0 else "en")
    house.restocks()

    jobs = house.bulk.bodies()
    assert sorted((job["locale"], len(job["recipients"])) for job in jobs) == [("en", 49), ("en", 50), ("he", 11)]
    assert len({reference["reference"] for job in jobs for reference in job["recipients"]}) == 110


def test_pages_in_the_middle_of_a_line_end_with_a_full_job(house: House) -> None:
    small = House(house.dynamodb, shard_read=32)
    waiting = everybody_waits(small, 230)
    small.restocks()

    assert small.invited() == waiting
    assert [len(job["recipients"]) for job in small.bulk.bodies()] == [50, 50, 50, 50, 30]


@pytest.mark.promise("P5")
def test_who_wants_more_than_is_left_is_passed_over_and_keeps_the_place(house: House) -> None:
    house.waits("big@example.org", quantity=5)
    house.waits("small@example.org", quantity=2)
    house.restocks(revision=1, units=3)
    assert house.invited() == ["small@example.org"]

    house.accepts()
    house.restocks(revision=2, units=5)
    assert house.invited() == ["big@example.org"]


@pytest.mark.promise("P3")
def test_the_same_restock_twice_is_told_once(house: House) -> None:
    everybody_waits(house, 3)
    house.restocks(revision=5)
    house.restocks(revision=5)
    assert len(house.invited()) == 3


def test_an_older_restock_changes_nothing(house: House) -> None:
    everybody_waits(house, 3)
    house.restocks(revision=5, units=2)
    house.restocks(revision=4, units=2)

    assert [job["wave"] for job in house.bulk.bodies()] == [f"{SKU}@5#1"]


def test_the_next_wave_comes_after_the_interval_with_a_recount(house: House) -> None:
    waiting = everybody_waits(house, 30)
    house.ledger.merged = SkuSettings(wave_interval_seconds=600)
    house.restocks(units=10)
    house.accepts()
    (timer,) = house.plans.messages
    assert timer.delay_seconds == 600

    house.clock.advance(seconds=600)
    house.ledger.restocked(SKU, 1, 4)
    house.delayed()
    assert house.invited() == waiting[10:14]


def test_a_wave_whose_timer_comes_twice_is_one_wave(house: House) -> None:
    everybody_waits(house, 30)
    house.ledger.merged = SkuSettings(wave_interval_seconds=600)
    house.restocks(units=10)
    house.accepts()
    (timer,) = house.plans.drain()
    house.clock.advance(seconds=600)
    house.plans.send([timer, timer])
    house.delayed()

    assert {job["wave"] for job in house.bulk.bodies()} == {f"{SKU}@1#2"}
    assert len(set(house.invited())) == 10


def test_a_long_interval_is_kept_by_the_sweeper(house: House) -> None:
    waiting = everybody_waits(house, 12)
    house.restocks(units=10)
    house.accepts()
    assert house.plans.messages == []

    house.clock.advance(minutes=59)
    house.sweeper.handle({"sweep": "due"})
    house.plan()
    assert house.invited() == []

    house.clock.advance(minutes=1)
    house.sweeper.handle({"sweep": "due"})
    house.plan()
    assert house.invited() == waiting[10:]


@pytest.mark.promise("P3")
def test_whose_mail_is_under_way_is_not_told_again_by_the_next_wave_or_restock(house: House) -> None:
    small = House(house.dynamodb, shard_read=3)
    waiting = everybody_waits(small, 40)
    small.restocks(revision=1, units=15)
    first = small.bulk.bodies()
    small.bulk.drain()

    small.restocks(revision=2, units=30)
    assert small.invited() == waiting[15:]

    small.accepts(first)
    small.accepts()
    assert small.line() == []
    assert small.counts() == {"invited": 40, "told": 40}


@pytest.mark.promise("P3")
def test_an_outcome_recorded_while_the_line_is_read_tells_nobody_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = everybody_waits(house, 4)
    house.restocks(revision=1, units=2)
    first = house.bulk.bodies()
    house.bulk.drain()
    under_way = house.waves.under_way

    def recorded_meanwhile(*arguments: Any) -> frozenset[str]:
        house.accepts(first)
        return under_way(*arguments)

    monkeypatch.setattr(type(house.waves), "under_way", lambda _waves, *arguments: recorded_meanwhile(*arguments))
    house.restocks(revision=2, units=10)

    assert house.invited() == waiting[2:]


def test_selling_out_ends_the_chain(house: House) -> None:
    everybody_waits(house, 30)
    house.restocks(revision=1, units=10)
    house.accepts()
    house.ledger.sold_out(SKU)
    house.planner.handle(event("SoldOut", sku=SKU, revision=2))

    house.clock.advance(hours=2)
    house.sweeper.handle({"sweep": "due"})
    house.plan()
    assert house.invited() == []


def test_an_older_sell_out_ends_nothing(house: House) -> None:
    everybody_waits(house, 12)
    house.restocks(revision=9, units=10)
    house.planner.handle(event("SoldOut", sku=SKU, revision=8))

    chain = house.waves.chain(SKU)
    assert chain is not None
    assert chain.live


def test_a_restock_that_is_over_before_it_is_planned_tells_nobody(house: House) -> None:
    everybody_waits(house, 3)
    house.planner.handle(event("Restocked", sku=SKU, revision=1))
    house.plan()

    assert house.invited() == []


def test_units_that_come_back_start_the_next_wave_early_and_once(house: House) -> None:
    waiting = everybody_waits(house, 12)
    house.restocks(units=10)
    house.accepts()
    house.ledger.restocked(SKU, 1, 1)
    freed = event("UnitsFreed", sku=SKU, revision=3)
    house.planner.handle(freed)
    house.planner.handle(freed)
    house.plan()
    house.planner.handle(freed)
    house.plan()

    assert house.invited() == [waiting[10]]


def test_who_confirms_while_it_is_in_is_told(house: House) -> None:
    house.restocks(revision=1, units=5)
    house.confirms("late@example.org")
    house.planner.handle({"plan": "joined", "sku": SKU})
    house.plan()

    assert house.invited() == ["late@example.org"]


def test_who_confirms_while_a_wave_rests_waits_for_the_next(house: House) -> None:
    everybody_waits(house, 12)
    house.restocks(units=10)
    house.accepts()
    house.confirms("late@example.org")
    house.planner.handle({"plan": "joined", "sku": SKU})
    house.plan()

    assert house.invited() == []


def test_who_confirms_while_it_is_out_is_not_told(house: House) -> None:
    house.confirms("ana@example.org")
    house.planner.handle({"plan": "joined", "sku": SKU})
    house.plan()

    assert house.invited() == []


@pytest.mark.promise("P3")
def test_whoever_was_told_is_remembered_as_long_as_the_chain_however_many_waves_follow(house: House) -> None:
    house.waits("ana@example.org")
    house.restocks(revision=1)
    house.accepts()
    for number in range(60):
        house.waits(f"later-{number}@example.org")
        house.clock.advance(hours=2)
        for plan in ("joined", "due"):
            house.planner.handle({"plan": plan, "sku": SKU})
        house.plan()
        house.accepts()
    assert house.line() == []
    house.waits("ana@example.org")
    house.clock.advance(hours=1)
    for plan in ("joined", "due"):
        house.planner.handle({"plan": plan, "sku": SKU})
    house.plan()
    assert house.invited() == []

    house.restocks(revision=2)
    assert house.invited() == ["ana@example.org"]


def test_whoever_was_told_and_joins_again_is_told_about_the_next_restock_not_this_one(house: House) -> None:
    house.confirms("ana@example.org")
    house.restocks(revision=1, units=5)
    house.accepts()
    house.confirms("ana@example.org")
    house.planner.handle({"plan": "joined", "sku": SKU})
    house.plan()
    assert house.invited() == []

    house.restocks(revision=2, units=5)
    assert house.invited() == ["ana@example.org"]


def test_whoever_was_told_about_an_older_restock_is_told_about_this_one(house: House) -> None:
    house.confirms("ana@example.org")
    house.restocks(revision=1, units=5)
    house.accepts()
    house.restocks(revision=2, units=5)
    house.confirms("ana@example.org")
    house.planner.handle({"plan": "joined", "sku": SKU})
    house.plan()

    assert house.invited() == ["ana@example.org"]


def test_an_entry_for_any_of_several_is_told_about_one(house: House) -> None:
    house.waits("any@example.org", "A", "B", "C")
    house.restocks(sku="A")
    house.restocks(sku="B")
    assert house.invited() == ["any@example.org"]

    house.accepts()
    house.restocks(sku="C")
    assert house.invited() == []
    assert [house.line(sku) for sku in "ABC"] == [[], [], []]
    assert house.counts("A") == {"invited": 1, "told": 1}
    assert house.counts("B") == {}


def test_an_any_of_entry_whose_mail_was_called_off_is_told_about_another(house: House) -> None:
    house.waits("any@example.org", "A", "B")
    house.restocks(sku="A")
    house.refuses("cancelled")
    house.restocks(sku="B")

    assert [job["data"]["sku"] for job in house.bulk.bodies()] == ["B"]


def test_a_taken_any_of_entry_leaves_its_unit_to_the_next_in_line(house: House) -> None:
    house.waits("any@example.org", "A", "B")
    house.waits("next@example.org", "B")
    house.restocks(sku="A", units=1)
    house.bulk.drain()
    house.restocks(sku="B", units=1)

    assert house.invited() == ["next@example.org"]


def test_entries_past_their_last_day_are_passed_over(house: House) -> None:
    house.waits("short@example.org", until="2026-05-04")
    house.waits("long@example.org")
    house.clock.advance(days=2)
    house.restocks()

    assert house.invited() == ["long@example.org"]


def test_a_page_delivered_twice_makes_the_same_jobs_without_who_left_meanwhile(house: House) -> None:
    waiting = everybody_waits(house, 3)
    house.ledger.restocked(SKU, 1, 10)
    house.planner.handle(event("Restocked", sku=SKU, revision=1))
    (page,) = house.plans.bodies()
    house.plan()
    (first,) = house.bulk.bodies()
    house.bulk.drain()
    place = read(first["recipients"][0]["reference"])
    assert place is not None
    house.closing.close(house.waves.listings(SKU, [place.listing])[place.entry_id].address, [place.entry_id], _none())

    house.planner.handle(page)
    (again,) = house.bulk.bodies()
    assert again["job_id"] == first["job_id"]
    assert [recipient["email"] for recipient in again["recipients"]] == waiting[1:]
    assert again["recipients"] == first["recipients"][1:]


@pytest.mark.promise("P3")
def test_a_page_handled_by_two_at_once_is_one_page(house: House) -> None:
    waiting = everybody_waits(house, 20)
    house.ledger.restocked(SKU, 1, 10)
    house.planner.handle(event("Restocked", sku=SKU, revision=1))
    (page,) = house.plans.bodies()
    threads = [threading.Thread(target=house.planner.handle, args=(page,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {job["job_id"] for job in house.bulk.bodies()} == {f"{SKU}@1#1#0#0"}
    assert sorted(set(house.invited())) == waiting[:10]
    assert house.counts()["invited"] == 10


@pytest.mark.promise("P2")
def test_a_wave_that_stopped_moving_is_taken_up_by_the_sweeper(house: House) -> None:
    small = House(house.dynamodb, shard_read=3)
    waiting = everybody_waits(small, 40)
    small.ledger.restocked(SKU, 1, 100)
    small.planner.handle(event("Restocked", sku=SKU, revision=1))
    small.planner.handle(small.plans.bodies()[0])
    small.plans.drain()
    small.bulk.drain()

    small.clock.advance(minutes=6)
    small.sweeper.handle({"sweep": "due"})
    small.plan()
    assert small.invited() == waiting


def test_units_of_people_who_cannot_be_mailed_go_to_the_next_in_line(house: House) -> None:
    waiting = everybody_waits(house, 12)
    house.restocks(units=2)
    (job,) = house.bulk.bodies()
    bad = {**job, "recipients": job["recipients"][:1]}
    good = {**job, "recipients": job["recipients"][1:]}
    house.refuses("suppressed", [bad])
    house.accepts([good])
    house.bulk.drain()

    house.clock.advance(minutes=1)
    house.sweeper.handle({"sweep": "due"})
    house.plan()
    assert house.invited() == [waiting[2]]


def test_a_message_that_is_no_plan_is_poison(house: House) -> None:
    for content in ({"plan": "party"}, {"detail-type": "Restocked", "detail": {"sku": SKU}}, [], {}):
        with pytest.raises(PoisonError):
            house.planner.handle(content)  # type: ignore[arg-type]


@pytest.mark.promise("P10")
def test_the_explanation_names_restock_numbers_and_addresses_by_key_only(house: House) -> None:
    everybody_waits(house, 3)
    house.waits("big@example.org", quantity=9)
    house.restocks(revision=4, units=8)

    steps = house.desk().explainer.why(SKU)["steps"]
    assert [step["event"] for step in steps] == ["WaveStarted", "CustomersInvited"]
    assert steps[0]["rule"] == "restocked"
    assert steps[0]["numbers"]["sellable"] == 8
    assert steps[1]["numbers"]["customers"] == 3
    assert steps[1]["numbers"]["skipped"] == {"wants_more_than_is_there": 1}
    assert "@example.org" not in str(steps)


def _none() -> Any:
    from standby.waitlist.model import Counts  # noqa: PLC0415 - beside its one use

    return Counts()


def test_places_part_no_jobs_and_go_with_their_members_when_a_page_is_handed_over_again(house: House) -> None:
    """Everybody of a page is in one job, whatever place they gave, and the job's id and members stay the same."""
    near = {email: f"{place % 40}.00,34.78" if place % 3 else None for place, email in enumerate(emails(120))}
    for email, place in near.items():
        house.waits(email, near=place)
    house.restocks(units=1_000)
    first = house.bulk.bodies()
    again = {"plan": "page", "sku": SKU, "revision": 1, "wave": 1, "page": 0, "cursor": ""}
    house.planner.handle(again, redelivered=True)
    house.plan()

    assert [len(job["recipients"]) for job in first] == [50, 50, 20]
    assert {to["email"]: to.get("near") for job in first for to in job["recipients"]} == near
    by_id = {job["job_id"]: job for job in first}
    assert len(by_id) == len(first)
    assert [job for job in house.bulk.bodies() if job != by_id[job["job_id"]]] == []
    assert len(house.bulk.bodies()) > len(first)
