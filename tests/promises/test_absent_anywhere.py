"""What a complete product file no longer names is gone, once, whichever call on the way is broken or done twice.

Every call is broken with ``STANDBY_EVERY=1``; a plain run breaks some.
"""

from collections.abc import Mapping
from datetime import timedelta
from os import environ
from typing import Any

import pytest
from standby.catalog.absences.repository import AbsenceRepository
from standby.catalog.feeds.completeness import INDEX_LAG_SECONDS
from standby.platform.clock import to_text

from tests.crashes import FAULTS, Fault, at_once, explore
from tests.dynamo import Lag, Latest
from tests.promises.killing import Scenario, dead_letters, insists, report
from tests.promises.shop import Shop
from tests.promises.test_imported_anywhere import findings
from tests.promises.unruly import Unruly, disorder
from tests.standby.catalog.words import discontinued, upserted
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

EVERY = int(environ.get("STANDBY_EVERY", "37"))
COMPLETE = {"kind": "products", "format": "google", "complete": True}
ABSENCES = "/v1/catalog/absences"
TEN = [f"CUP-{number}" for number in range(10)]


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.imports.passes.PASS_BYTES", 60)
    monkeypatch.setattr("standby.catalog.feeds.completeness.LISTED", 1)
    monkeypatch.setattr("standby.catalog.absences.repository.MEMBERS", 2)


# ---- verbs ----


def saves(world: World, name: str = "shop", **more: object) -> None:
    place = f"/v1/imports/mappings/{name}"
    status, said = world.request("stock_api", "PUT", place, body={**COMPLETE, **more}, scopes="ops")
    assert status == 200, said


def listed(*product_ids: str, bad: str = "") -> bytes:
    """Return a file of products that have one SKU each, which is called as they are."""
    lines = [f"{product_id}\t{product_id} of glass" for product_id in product_ids]
    return "\n".join(["id\ttitle", *lines, bad]).encode()


def puts(world: World, *product_ids: str, name: str = "shop", bad: str = "") -> None:
    world.put(f"inbox/{name}/products.tsv", listed(*product_ids, bad=bad))


def runs(world: World) -> None:
    world.settle()
    world.wait(seconds=INDEX_LAG_SECONDS + 1)
    world.wait(minutes=16)


def shown(world: World, product_id: str) -> Any:
    status, product = world.request("catalog_api", "GET", f"/v1/catalog/products/{product_id}", scopes="ops")
    return product if status == 200 else None


def sold(world: World, *product_ids: str) -> set[str]:
    """Return those of some products that have a SKU."""
    return {name for name in product_ids if (product := shown(world, name)) and product["skus"]}


def absences(world: World) -> list[Any]:
    """Return the absences, newest first."""
    status, said = world.request("catalog_api", "GET", ABSENCES, scopes="ops")
    assert status == 200, said
    items: list[Any] = said["items"]
    return items


def decides(world: World, what: str, absence: Mapping[str, Any]) -> int:
    status, _ = insists(world, "catalog_api", "POST", f"{ABSENCES}/{absence['absence_id']}/{what}", scopes="ops")
    return status


def reported(world: World) -> Any:
    """Return the report of the newest file."""
    about = world.request("stock_api", "GET", "/v1/imports", scopes="ops")[1]["items"][0]
    return world.request("stock_api", "GET", f"/v1/imports/{about['import_id']}", scopes="ops")[1]


def told_gone(world: World, sku: str) -> bool:
    """Tell whether the last event about a SKU says that no product has it."""
    told = [
        (variant["edition"], variant["gone"])
        for name, event in world.events
        if name == "ProductChanged"
        for variant in event["variants"]
        if variant["sku"] == sku
    ]
    return max(told)[1]


def ten_are_known(shop: Shop) -> None:
    """Let a shop's feed bring ten products, and the shop itself say another one."""
    world = shop.world
    saves(world)
    world.send("CatalogUpdates", upserted("JUG", "JUG"))
    puts(world, *TEN)
    runs(world)
    assert sold(world, *TEN, "JUG") == {*TEN, "JUG"}
    world.clock.advance(hours=1)


@pytest.fixture
def ten(world: World) -> World:
    ten_are_known(Shop(world))
    return world


# ---- what a file leaves out ----


def test_what_a_complete_file_no_longer_names_has_no_skus_and_comes_back_with_the_next(ten: World) -> None:
    puts(ten, *TEN[2:])
    runs(ten)
    assert sold(ten, *TEN, "JUG") == {*TEN[2:], "JUG"}
    assert [told_gone(ten, name) for name in TEN[:3]] == [True, True, False]
    assert not [event for name, event in ten.events if name == "ProductDiscontinued"], "nobody is told that it ends"
    told = reported(ten)
    (absence, first) = absences(ten)
    assert told["absence_id"] == absence["absence_id"]
    assert (told["totals"]["products_known"], told["totals"]["products_absent"]) == (10, 2)
    assert (absence["state"], absence["brake"]) == (
        "applied",
        {"absent": 2, "known": 10, "percent": 20.0, "limit_percent": 20},
    )
    assert (first["state"], first["brake"]["known"]) == ("applied", 0)

    ten.clock.advance(hours=1)
    puts(ten, *TEN)
    runs(ten)
    assert sold(ten, *TEN) == set(TEN)
    assert told_gone(ten, TEN[0]) is False
    assert shown(ten, TEN[0])["feed"] == "shop"
    assert dead_letters(ten) == []


def test_a_feed_that_loses_half_of_its_products_waits_for_approval(ten: World) -> None:
    puts(ten, *TEN[:5])
    runs(ten)
    (absence, _) = absences(ten)
    assert (absence["state"], absence["brake"]["absent"], absence["brake"]["percent"]) == (
        "waiting_for_approval",
        5,
        50.0,
    )
    assert sold(ten, *TEN) == set(TEN)
    assert decides(ten, "approve", absence) == 200
    assert decides(ten, "approve", absence) == 200, "repeating is harmless"
    runs(ten)
    assert sold(ten, *TEN, "JUG") == {*TEN[:5], "JUG"}
    (absence, _) = absences(ten)
    assert (absence["state"], absence["decided_by"]) == ("applied", "test (key)")
    assert decides(ten, "reject", absence) == 409


def test_what_is_rejected_stays(ten: World) -> None:
    puts(ten, *TEN[:5])
    runs(ten)
    (absence, _) = absences(ten)
    assert decides(ten, "reject", absence) == 200
    assert decides(ten, "approve", absence) == 409
    runs(ten)
    assert sold(ten, *TEN) == set(TEN)
    assert decides(ten, "reject", {"absence_id": f"{'0' * 24}-1-1"}) == 404
    assert decides(ten, "reject", {"absence_id": "x"}) == 404


def test_a_newer_file_takes_the_place_of_one_that_waits(ten: World) -> None:
    puts(ten, *TEN[:5])
    runs(ten)
    ten.clock.advance(hours=1)
    puts(ten, *TEN[1:])
    runs(ten)
    newer, older, _ = absences(ten)
    assert (older["state"], older["superseded_by"], newer["state"]) == ("superseded", newer["absence_id"], "applied")
    assert sold(ten, *TEN) == set(TEN[1:])


def test_a_line_of_which_nobody_can_tell_whose_it_is_waits_for_approval(ten: World) -> None:
    puts(ten, *TEN[1:], bad="\tno id")
    runs(ten)
    (absence, _) = absences(ten)
    assert absence["state"] == "waiting_for_approval"
    assert absence["doubt"] == "of 1 line of inbox/shop/products.tsv nobody can tell the product"
    assert sold(ten, *TEN) == set(TEN)


def test_a_product_with_a_bad_line_is_not_absent(ten: World) -> None:
    puts(ten, *TEN[1:], bad=f"{TEN[0]}\t")
    runs(ten)
    (absence, _) = absences(ten)
    assert (absence["state"], absence["brake"]["absent"], absence["doubt"]) == ("applied", 0, None)
    assert sold(ten, *TEN) == set(TEN)


def test_a_file_that_is_not_complete_takes_nothing_away(ten: World) -> None:
    saves(ten, complete=False)
    puts(ten, TEN[0])
    runs(ten)
    assert sold(ten, *TEN) == set(TEN)
    assert reported(ten).get("absence_id") is None


def test_what_the_shop_says_later_than_a_file_stays_and_is_no_feeds_any_more(ten: World) -> None:
    puts(ten, *TEN[1:])
    ten.clock.advance(seconds=2)
    ten.send("CatalogUpdates", upserted(TEN[0], TEN[0], as_of=to_text(ten.clock.now())))
    runs(ten)
    assert sold(ten, *TEN) == set(TEN)
    assert shown(ten, TEN[0])["feed"] is None


def test_a_feed_brings_also_what_a_newer_message_spoke_of_before(ten: World) -> None:
    ten.send("CatalogUpdates", upserted("MUG", "MUG", as_of=to_text(ten.clock.now() + timedelta(minutes=2))))
    ten.settle()
    puts(ten, *TEN, "MUG")
    runs(ten)
    assert (sold(ten, "MUG"), shown(ten, "MUG")["title"]["en"]) == ({"MUG"}, "MUG")
    assert shown(ten, "MUG")["feed"] == "shop"
    ten.clock.advance(hours=1)
    puts(ten, *TEN)
    runs(ten)
    assert sold(ten, "MUG") == set()


def test_what_is_discontinued_stays_so_when_its_feed_drops_it(ten: World) -> None:
    ten.send("CatalogUpdates", {**discontinued(product_id=TEN[0]), "as_of": to_text(ten.clock.now())})
    runs(ten)
    ten.clock.advance(hours=1)
    puts(ten, *TEN[1:])
    runs(ten)
    product = shown(ten, TEN[0])
    assert (product["discontinued"], product["skus"], product["feed"]) == (True, [TEN[0]], None)


def test_two_feeds_do_not_touch_each_others_products(ten: World) -> None:
    saves(ten, "outlet")
    puts(ten, "BOWL", TEN[0], name="outlet")
    runs(ten)
    ten.clock.advance(hours=1)
    puts(ten, *TEN[1:])
    runs(ten)
    assert sold(ten, "BOWL", *TEN) == {"BOWL", *TEN}, "the outlet named the first product last"
    assert shown(ten, TEN[0])["feed"] == "outlet"


def test_an_older_file_that_comes_later_changes_nothing(ten: World) -> None:
    """Its notice was late: a newer file is through by then."""
    puts(ten, *TEN, "OLD")
    late = list(ten.queues["StockImports"])
    content = listed(*TEN, "OLD")
    ten.queues["StockImports"].clear()
    ten.clock.advance(hours=1)
    ten.put("inbox/shop/newer.tsv", listed(*TEN[1:], "NEW"))
    runs(ten)
    ten.put("inbox/shop/products.tsv", content)
    ten.queues["StockImports"].clear()
    for notice in late:
        ten.send("StockImports", notice.body)
    runs(ten)
    assert sold(ten, *TEN, "OLD", "NEW") == {*TEN[1:], "NEW"}
    assert dead_letters(ten) == []


@pytest.mark.parametrize("seed", range(12))
def test_words_of_an_older_file_that_are_taken_in_late_change_nothing(ten: World, seed: int) -> None:
    """Both files are read side by side while indexes follow late, and messages come in any order."""
    ten.put("inbox/shop/monday.tsv", listed(*TEN, "OLD"))
    ten.clock.advance(seconds=1 + seed % 3)
    ten.put("inbox/shop/tuesday.tsv", listed(*TEN[1:], "NEW"))
    ten.turn = Unruly(seed, unsteady=True)
    runs(ten)
    ten.steady()
    runs(ten)
    assert sold(ten, *TEN, "OLD", "NEW") == {*TEN[1:], "NEW"}
    assert dead_letters(ten) == []


def test_a_product_that_came_just_before_is_found_once_the_index_shows_it(ten: World) -> None:
    ten.memory.tables["Catalog"].lag = Lag(Latest(), ten.clock.now)
    ten.put("inbox/shop/monday.tsv", listed(*TEN, "OLD"))
    ten.settle()
    ten.wait(seconds=INDEX_LAG_SECONDS)
    assert sold(ten, "OLD") == {"OLD"}
    ten.put("inbox/shop/tuesday.tsv", listed(*TEN))
    runs(ten)
    assert sold(ten, *TEN, "OLD") == set(TEN)


def test_a_word_that_comes_late_is_remembered_until_it_is_decided(ten: World) -> None:
    ten.put("inbox/shop/monday.tsv", listed(*TEN, "OLD"))
    for _ in range(9):
        ten.deliver("StockImports")
        ten.clock.advance(seconds=INDEX_LAG_SECONDS)
    words = [message for message in ten.queues["CatalogUpdates"] if "OLD" in message.body]
    assert words
    for word in words:
        ten.queues["CatalogUpdates"].remove(word)
    ten.clock.advance(hours=1)
    ten.put("inbox/shop/tuesday.tsv", listed(*TEN[:5]))
    runs(ten)
    (absence, *_) = absences(ten)
    assert (absence["state"], absence["brake"]["absent"]) == ("waiting_for_approval", 5)
    for word in words:
        ten.send("CatalogUpdates", word.body)
    runs(ten)
    assert sold(ten, "OLD") == {"OLD"}, "the newer file does not count yet"
    assert decides(ten, "approve", absence) == 200
    runs(ten)
    assert sold(ten, *TEN, "OLD") == set(TEN[:5])


def test_an_absence_that_cannot_be_read_keeps_no_other_waiting(ten: World) -> None:
    (first,) = absences(ten)
    key = {"pk": {"S": f"ABSENCE#{first['absence_id']}"}, "sk": {"S": "ABSENCE"}}
    table = ten.memory.tables["Catalog"]
    table.put(key, {**(table.get(key) or {}), "moment": {"N": "1.5"}})
    puts(ten, *TEN[1:], "NEW")
    runs(ten)
    assert [absence["state"] for absence in absences(ten)] == ["applied"]
    assert sold(ten, *TEN, "NEW") == {*TEN[1:], "NEW"}


# ---- dry runs ----


def rehearses(world: World, content: bytes) -> Any:
    """Put a file into the inbox of dry runs, and return its report."""
    world.put("inbox-dry-run/shop/products.tsv", content)
    runs(world)
    return reported(world)


def test_a_dry_run_tells_what_would_be_new_changed_same_and_gone(ten: World) -> None:
    known = len(ten.memory.tables["Catalog"].stream)
    told = rehearses(ten, listed(*TEN[3:], "NEW").replace(b"CUP-9 of glass", b"CUP-9 of clay"))
    assert told["state"] == "done"
    assert {name: number for name, number in told["totals"].items() if number} == {
        "rows": 8,
        "products": 8,
        "skus": 8,
        "products_known": 10,
        "products_absent": 3,
        "skus_known": 7,
        "would_wait": 1,
        "products_new": 1,
        "products_changed": 1,
        "products_same": 6,
        "skus_new": 1,
        "skus_same": 7,
    }
    differences = findings(ten, f"/v1/imports/{told['import_id']}/differences")
    found = {each["product_id"]: (each["what"], each["fields"]) for each in differences}
    assert found == {
        "NEW": ("new", []),
        "CUP-9": ("changed", ["title"]),
        **dict.fromkeys(TEN[:3], ("absent", [])),
    }
    assert len(ten.memory.tables["Catalog"].stream) == known
    assert len(absences(ten)) == 1, "a dry run is no absence"
    assert sold(ten, *TEN, "NEW") == set(TEN)


def test_a_dry_run_of_a_file_that_is_not_complete_tells_of_nothing_absent(ten: World) -> None:
    saves(ten, complete=False)
    told = rehearses(ten, listed(TEN[0]))
    assert told["totals"] == {
        "rows": 1,
        "bad_lines": 0,
        "products": 1,
        "skus": 1,
        "products_left_out": 0,
        "products_new": 0,
        "products_changed": 0,
        "products_same": 1,
        "products_older": 0,
        "skus_new": 0,
        "skus_changed": 0,
        "skus_same": 1,
        "skus_gone": 0,
    }


# ---- broken ----


def breaks(world: World, act: Any, check: Any) -> Any:
    faults: Mapping[str, Fault] = {**FAULTS, **at_once(world, World.settle, again=True)}
    return explore(world, act, check, faults=faults, every=EVERY, disorder=disorder)


def test_a_dry_run_writes_nothing_and_is_whole_however_it_breaks(
    ten: World, capsys: pytest.CaptureFixture[str]
) -> None:
    known = dict(ten.memory.tables["Catalog"].items)

    def act(world: World) -> None:
        world.put("inbox-dry-run/shop/products.tsv", listed(*TEN[3:], "NEW"))
        runs(world)

    def check(world: World) -> None:
        totals = reported(world)["totals"]
        assert (totals["products_new"], totals["products_same"], totals["products_absent"]) == (1, 7, 3)
        assert world.memory.tables["Catalog"].items == known
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "a dry run of products", breaks(ten, act, check))


def test_each_absent_product_is_gone_however_it_breaks(ten: World, capsys: pytest.CaptureFixture[str]) -> None:
    def act(world: World) -> None:
        puts(world, *TEN[2:], "NEW")
        runs(world)

    def check(world: World) -> None:
        assert sold(world, *TEN, "JUG", "NEW") == {*TEN[2:], "JUG", "NEW"}
        assert [told_gone(world, name) for name in TEN[:3]] == [True, True, False]
        assert [absence["state"] for absence in absences(world)] == ["applied", "applied"]
        assert dead_letters(world) == [], "set aside without need"
        assert set(AbsenceRepository("Catalog").members("shop")) == {*TEN[2:], "NEW"}

    report(capsys, "a complete product file", breaks(ten, act, check))


def it_waits_and_is_approved(world: World) -> None:
    puts(world, *TEN[:7])
    runs(world)
    for _ in range(3):  # a person tries again when the answer was an error
        status, found = insists(world, "catalog_api", "GET", ABSENCES, scopes="ops")
        if status == 200 and found["items"][0]["state"] == "waiting_for_approval":
            decides(world, "approve", found["items"][0])
        runs(world)


def what_it_does_not_name_is_gone(world: World, _most: int = 1) -> None:
    assert sold(world, *TEN) == set(TEN[:7])
    assert [told_gone(world, name) for name in TEN[6:]] == [False, True, True, True]
    assert [absence["state"] for absence in absences(world)] == ["applied", "applied"]
    assert dead_letters(world) == [], "set aside without need"


SCENARIOS = (
    Scenario("a feed that waits", ten_are_known, it_waits_and_is_approved, what_it_does_not_name_is_gone, every=EVERY),
)


def test_a_feed_that_waits_is_approved_however_it_breaks(ten: World, capsys: pytest.CaptureFixture[str]) -> None:
    report(capsys, "a feed that waits", breaks(ten, it_waits_and_is_approved, what_it_does_not_name_is_gone))


def test_of_two_files_at_once_the_newer_counts_however_it_breaks(
    ten: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(world: World) -> None:
        world.put("inbox/shop/monday.tsv", listed(*TEN[1:], "OLD"))
        world.clock.advance(seconds=1)
        world.put("inbox/shop/tuesday.tsv", listed(*TEN[:9], "NEW"))
        world.queues["StockImports"].reverse()
        world.batch = 1
        runs(world)

    def check(world: World) -> None:
        assert sold(world, *TEN, "OLD", "NEW") == {*TEN[:9], "NEW"}
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "two complete files", breaks(ten, act, check))
