"""`imports_reader` from S3's event to the messages, with AWS in memory."""

from typing import Any

import boto3
import pytest
from standby.imports.repository import ImportRepository
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE
from tests.standby.stock.place import Place

FILE = "Artikel;Bestand\nMUG-BLUE;1.012,0\nMUG-RED;viele\n"
MAPPING = {"columns": {"sku": "artikel", "on_hand": "bestand"}, "location_id": "warehouse-1", "decimal": ","}


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(aws, monkeypatch)
    boto3.client("s3").create_bucket(Bucket="inbox")
    return place


@pytest.fixture
def files(aws: Any) -> ImportRepository:
    return ImportRepository(LedgerTable("Stock", aws, AT_ONCE))


def test_a_file_becomes_messages_and_a_report(place: Place, files: ImportRepository) -> None:
    files.save_mapping("daily", MAPPING)
    boto3.client("s3").put_object(Bucket="inbox", Key="inbox/daily/stock 2026-05-03.csv", Body=FILE.encode())

    assert place.run("imports_reader", "file_put") == {"batchItemFailures": []}

    (batch,) = place.bodies("stock_updates")
    assert batch["messages"] == [
        {
            "type": "stock.level",
            "sku": "MUG-BLUE",
            "location_id": "warehouse-1",
            "on_hand": 1012,
            "as_of": "2026-05-03T10:00:00.000Z",
            "source": "inbox/daily/stock 2026-05-03.csv",
        }
    ]
    (listed,) = files.latest()
    report = files.report(listed["import_id"])
    assert report
    assert (report["state"], report["totals"]) == ("done", {"rows": 1, "bad_lines": 1, "levels": 1})
    bad, more = files.findings(listed["import_id"], "bad", None)
    assert ([finding["reason"] for finding in bad], more) == (["on_hand: 'viele' is no number"], None)


def test_a_dry_run_compares_with_the_ledger(place: Place, files: ImportRepository) -> None:
    files.save_mapping("daily", MAPPING)
    place.run("stock_ingester", "level")
    boto3.client("s3").put_object(Bucket="inbox", Key="inbox-dry-run/daily/stock.csv", Body=FILE.encode())

    place.run("imports_reader", "dry_run")

    assert place.bodies("stock_updates") == []
    (listed,) = files.latest()
    (difference,), _ = files.findings(listed["import_id"], "difference", None)
    assert difference == {
        "sku": "MUG-BLUE",
        "location_id": "warehouse-1",
        "what": "changed",
        "was": {"on_hand": 12, "committed": 2},
        "now": {"on_hand": 1012, "committed": 0},
    }


def test_a_file_that_cannot_be_read_is_set_aside_with_its_reason(place: Place, files: ImportRepository) -> None:
    assert place.run("imports_reader", "no_mapping") == {"batchItemFailures": []}

    (letter,) = place.messages("stock_imports_dead_letter")
    assert letter["MessageAttributes"]["reason"]["StringValue"].startswith(
        "inbox/unknown/stock.csv: there is no mapping 'unknown'"
    )
    assert [report["state"] for report in files.latest()] == ["failed"]


def test_what_s3_says_when_it_tries_the_queue_out_is_no_file(place: Place) -> None:
    assert place.run("imports_reader", "tried_out_by_s3") == {"batchItemFailures": []}
