"""With `offer_hours`, a wave's pages go to pre-orders: who is to be held units for, in the order of the line."""

import pytest
from standby.ledger.model import SkuSettings, SkuStock
from standby.offer_job import MOST_OFFERED, OfferJob

from tests.standby.waitlist.conftest import SKU, House, event


@pytest.fixture
def offering(house: House) -> House:
    house.ledger.merged = SkuSettings(offer_hours=24)
    return house


def jobs(house: House) -> list[OfferJob]:
    return [OfferJob.from_content(body) for body in house.offers.bodies()]


def waiting(house: House, count: int) -> list[str]:
    everybody = [f"customer-{number:04}@example.org" for number in range(count)]
    for number, email in enumerate(everybody):
        house.waits(email, locale="he" if number % 3 else "en")
    return everybody


@pytest.mark.promise("P5")
def test_pages_of_fifty_go_to_pre_orders_in_the_order_of_the_line_whatever_the_language(offering: House) -> None:
    everybody = waiting(offering, 120)
    offering.restocks(revision=7, units=110)

    made = jobs(offering)
    assert [len(job.customers) for job in made] == [MOST_OFFERED, MOST_OFFERED, 10]
    assert [each.email for job in made for each in job.customers] == everybody[:110]
    assert {(job.sku, job.hours) for job in made} == {(SKU, 24)}
    assert offering.bulk.bodies() == []
    assert offering.counts()["invited"] == 110


def test_a_mailbox_is_offered_once_a_wave_however_it_is_spelt_and_keeps_its_other_place(offering: House) -> None:
    line = ["ann@example.org", "ann+2@example.org", "bob@example.org", "eve@example.org"]
    for email in line:
        offering.waits(email)
    offering.restocks(revision=7, units=2)
    assert [each.email for job in jobs(offering) for each in job.customers] == [line[0], line[2]]
    assert offering.line() == line

    offering.restocks(revision=9, units=2)
    assert [each.email for each in jobs(offering)[-1].customers] == [line[3]], "the first mail is on its way"


def test_whose_other_address_was_offered_something_is_offered_something_by_the_next_wave(offering: House) -> None:
    for email in ("ann@example.org", "ann+2@example.org"):
        offering.waits(email)
    offering.restocks(revision=7, units=2)
    (job,) = jobs(offering)
    detail = {"job_id": "j", "kind": "offer", "references": [job.customers[0].reference]}
    offering.recorder.handle(event("MailAccepted", id="j@sent", at="2026-05-03T10:00:00Z", **detail))
    offering.restocks(revision=9, units=2)

    assert [each.email for job in jobs(offering) for each in job.customers] == ["ann@example.org", "ann+2@example.org"]


def test_where_nothing_is_held_every_address_is_told(house: House) -> None:
    for email in ("ann@example.org", "ann+2@example.org"):
        house.waits(email)
    house.restocks(revision=7, units=2)

    assert [each["email"] for job in house.bulk.bodies() for each in job["recipients"]] == [
        "ann@example.org",
        "ann+2@example.org",
    ]


@pytest.mark.promise("P5")
def test_each_page_names_the_last_customer_of_the_one_before_also_where_another_restock_is_planned(
    offering: House,
) -> None:
    waiting(offering, 120)
    offering.restocks(revision=7, units=110)
    offering.restocks(revision=9, units=10)

    made = jobs(offering)
    assert [len(job.customers) for job in made] == [MOST_OFFERED, MOST_OFFERED, 10, 10]
    assert [job.after for job in made] == ["", *(job.customers[-1].reference for job in made[:-1])]
    offering.planner.handle(
        {"plan": "page", "sku": SKU, "revision": 9, "wave": 1, "page": 0, "cursor": ""}, redelivered=True
    )
    assert jobs(offering)[-1] == made[-1]


def test_what_was_planned_long_ago_is_waited_for_no_more(offering: House) -> None:
    waiting(offering, 2)
    offering.restocks(revision=7, units=1)
    offering.clock.advance(minutes=15)
    offering.restocks(revision=9, units=1)

    assert [job.after for job in jobs(offering)] == ["", ""]


def test_a_page_that_is_handed_over_again_is_the_same_without_who_left(offering: House) -> None:
    waiting(offering, 3)
    offering.ledger.restocked(SKU, 1, 10)
    offering.planner.handle(event("Restocked", sku=SKU, revision=1))
    (page,) = offering.plans.bodies()
    for _ in range(2):
        offering.planner.handle(page)

    first, again = jobs(offering)
    assert first == again
    offering.leaving.leave(first.customers[0].address)
    offering.planner.handle(page)
    assert jobs(offering)[-1] == first._replace(customers=first.customers[1:])


def test_nobody_more_is_told_than_there_are_units(offering: House) -> None:
    waiting(offering, 9)
    offering.ledger.merged = SkuSettings(offer_hours=24, notify_everyone=True, wave_ratio=2.0)
    offering.restocks(units=4)
    assert [len(job.customers) for job in jobs(offering)] == [4]


@pytest.mark.promise("P2")
def test_who_is_offered_nothing_after_all_goes_on_waiting_at_the_same_place(offering: House) -> None:
    everybody = waiting(offering, 3)
    offering.restocks(units=2)
    (job,) = jobs(offering)
    detail = {"sku": SKU, "reservation_id": "r", "units": 1, "reference": job.customers[0].reference}
    for reason in ("declined", "unmade", "unmade"):
        offering.recorder.handle(event("OfferExpired", id="r@over", at="2026-05-03T10:00:00Z", reason=reason, **detail))

    assert offering.line() == everybody
    assert offering.counts()["invited"] == 1


def test_units_that_come_back_are_offered_though_the_sku_is_sold_out_and_not_told_of(offering: House) -> None:
    everybody = waiting(offering, 4)
    offering.restocks(revision=3, units=2)
    offering.ledger.sold_out(SKU)
    offering.planner.handle(event("SoldOut", sku=SKU, revision=5))
    offering.offers.drain()

    offering.ledger.stocks[SKU] = SkuStock(sku=SKU, on_hand=2, free=1, revision=6)
    freed = event("UnitsFreed", id="r@mug", at="2026-05-03T10:00:00Z", sku=SKU, revision=6, units=1)
    offering.planner.handle(freed)
    offering.plan()
    offering.planner.handle(freed)
    offering.plan()

    assert {each.email for job in jobs(offering) for each in job.customers} == {everybody[2]}


@pytest.mark.parametrize("state", ["paging", "resting"])
def test_that_it_sold_out_before_units_came_back_ends_no_wave_whichever_is_heard_first(
    offering: House, state: str
) -> None:
    everybody = waiting(offering, 4)
    offering.restocks(revision=3, units=2)
    offering.offers.drain()
    offering.ledger.sold_out(SKU)
    offering.ledger.stocks[SKU] = SkuStock(sku=SKU, on_hand=2, free=1, revision=6)
    detail = {"at": "2026-05-03T10:00:00Z", "sku": SKU, "units": 1}
    offering.planner.handle(event("UnitsFreed", id="r@mug", revision=6, **detail))
    if state == "paging":
        offering.planner.handle(event("UnitsFreed", id="s@mug", revision=8, **detail))

    offering.planner.handle(event("SoldOut", sku=SKU, revision=7 if state == "paging" else 5))
    offering.plan()

    assert [each.email for job in jobs(offering) for each in job.customers][:1] == [everybody[2]]


def test_that_it_sold_out_before_the_next_wave_counted_ends_no_wave(offering: House) -> None:
    everybody = waiting(offering, 4)
    offering.restocks(revision=3, units=2)
    offering.offers.drain()
    offering.ledger.stocks[SKU] = SkuStock(sku=SKU, on_hand=2, free=1, revision=6)
    offering.clock.advance(hours=1, minutes=1)
    offering.planner.handle({"plan": "wave", "sku": SKU, "revision": 3, "wave": 2})

    offering.planner.handle(event("SoldOut", sku=SKU, revision=5))
    offering.plan()

    assert [each.email for job in jobs(offering) for each in job.customers] == [everybody[2]]


def test_that_it_sold_out_after_units_came_back_ends_the_wave(offering: House) -> None:
    waiting(offering, 4)
    offering.restocks(revision=3, units=2)
    offering.offers.drain()
    offering.ledger.stocks[SKU] = SkuStock(sku=SKU, on_hand=2, free=1, revision=6)
    freed = event("UnitsFreed", id="r@mug", at="2026-05-03T10:00:00Z", sku=SKU, revision=6, units=1)
    offering.planner.handle(freed)

    offering.planner.handle(event("SoldOut", sku=SKU, revision=7))
    offering.plan()

    assert jobs(offering) == []


def test_nobody_is_given_more_than_came_back_where_the_rest_may_be_promised(offering: House) -> None:
    """The units of the first mails are not held yet: what is free beside the one that came back may be theirs."""
    for number, quantity in enumerate((1, 1, 2, 1)):
        offering.waits(f"customer-{number}@example.org", quantity=quantity)
    offering.restocks(revision=3, units=2)
    offering.offers.drain()
    offering.ledger.stocks[SKU] = SkuStock(sku=SKU, on_hand=3, free=3, revision=6)

    offering.planner.handle(event("UnitsFreed", id="r@mug", at="2026-05-03T10:00:00Z", sku=SKU, revision=6, units=1))
    offering.plan()

    assert [each.email for job in jobs(offering) for each in job.customers] == ["customer-3@example.org"]
