"""Where a file lies, and which report is its own: each file that is put into the bucket has one."""

import pytest
from standby.platform.queue import PoisonError

from tests.standby.imports.test_reading import PUT_AT, Desk, event
from tests.standby.stock.test_routes import call
from tests.standby.stock.warehouse import Warehouse
from tests.world import World

UPLOADED = "0123456789abcdef01234567"
FILE = b"Item;Qty\nA;5\n"
BELONG = "files belong into inbox/<mapping>/ or inbox-dry-run/<mapping>/"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def come(desk: Desk, key: str, *, sequencer: str = "01", content: bytes = FILE) -> None:
    """Put a file, and let S3 tell of it."""
    desk.files.objects[key] = content
    desk.reader.handle(event(key, size=len(content), sequencer=sequencer))


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("inbox/stock.csv", "inbox/stock.csv"),
        ("inbox/My%20ERP/stock.csv", "inbox/My ERP/stock.csv"),
        ("inbox/Plain/stock.csv", "inbox/Plain/stock.csv"),
        ("inbox-dry-run//stock.csv", "inbox-dry-run//stock.csv"),
        ("elsewhere.csv", "elsewhere.csv"),
        (f"inbox/{'m' * 900}/stock.csv", f"inbox/{'m' * 900}/stock.csv"),
    ],
    ids=["no folder", "a blank", "capitals", "a folder without a name", "another place", "a long name"],
)
def test_a_file_outside_of_a_mappings_folder_has_a_report_that_says_so(desk: Desk, told: str, key: str) -> None:
    with pytest.raises(PoisonError, match=BELONG):
        desk.reader.handle(event(told))
    (report,) = desk.files.reports.values()
    assert (report["state"], report["key"], report["put_at"]) == ("failed", key, PUT_AT)
    assert report["reason"].startswith(BELONG)
    assert desk.metrics == {"ImportsFailed": 1}


def test_whoever_asks_for_imports_sees_the_file_that_lies_in_no_folder(world: World) -> None:
    world.put("inbox/My ERP/stock.csv", FILE)
    world.settle()
    _, listed = world.request("stock_api", "GET", "/v1/imports", scopes="ops")
    (item,) = listed["items"]
    assert (item["state"], item["key"], item["mapping"]) == ("failed", "inbox/My ERP/stock.csv", None)
    assert item["reason"].startswith(BELONG)
    status, report = world.request("stock_api", "GET", f"/v1/imports/{item['import_id']}", scopes="ops")
    assert (status, report["state"]) == (200, "failed")


def test_the_report_of_an_upload_is_found_under_the_id_that_was_given(desk: Desk) -> None:
    desk.files.reports[UPLOADED] = {"state": "waiting", "key": f"inbox/plain/{UPLOADED}.csv"}
    come(desk, f"inbox/plain/{UPLOADED}.csv")
    assert list(desk.files.reports) == [UPLOADED]
    assert desk.files.reports[UPLOADED]["state"] == "done"


@pytest.mark.promise("P9")
@pytest.mark.parametrize("uploaded", [True, False])
@pytest.mark.parametrize(
    ("first", "second"),
    [("inbox-dry-run/plain", "inbox/plain"), ("inbox/plain", "inbox/other"), ("inbox/plain", "inbox/plain/again")],
)
def test_a_file_of_the_same_name_elsewhere_is_another_import(
    desk: Desk, first: str, second: str, *, uploaded: bool
) -> None:
    """Whoever tried a file out copies it into the inbox. S3's sequencers say nothing of two keys."""
    desk.files.mappings["other"] = desk.files.mappings["plain"] | {"location_id": "V"}
    if uploaded:
        desk.files.reports[UPLOADED] = {"state": "waiting", "key": f"{first}/{UPLOADED}.csv"}
    come(desk, f"{first}/{UPLOADED}.csv", sequencer="0B")
    come(desk, f"{second}/{UPLOADED}.csv", sequencer="0A", content=b"Item;Qty\nA;7\n")
    come(desk, f"{first}/{UPLOADED}.csv", sequencer="0B")
    assert [report["state"] for report in desk.files.reports.values()] == ["done", "done"]
    assert (UPLOADED in desk.files.reports) is uploaded
    last = desk.messages()[-1]
    assert (last["location_id"], last["on_hand"]) == ("V" if second == "inbox/other" else "W", 7)


def test_an_uploads_report_says_which_file_it_is_of_before_that_comes(warehouse: Warehouse) -> None:
    mapping = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "W"}
    call(warehouse, "PUT", "/v1/imports/mappings/daily", mapping)
    _, leave = call(warehouse, "POST", "/v1/imports/uploads", {"mapping": "daily", "dry_run": True})
    key = leave["fields"]["key"]
    assert warehouse.imports.files.state(leave["import_id"]) == ("waiting", "", key)  # type: ignore[attr-defined]
