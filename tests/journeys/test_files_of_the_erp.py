"""A file of the ERP, uploaded by a signed form, and a full count that waits for approval: on the deployed stack."""

# ruff: noqa: RUF001 - Hebrew letters are no Latin ones

import gzip
from typing import Any

import httpx
import pytest

from infra.local.client import Client, awaited
from tests.standby.imports.test_packed import zipped
from tests.standby.imports.workbooks import WRITERS

pytestmark = pytest.mark.local_aws
PACKED = {"gzip": gzip.compress, "zip": lambda text: zipped({"stock.csv": text})}


def save_mapping(client: Client, name: str, location_id: str, **more: object) -> None:
    document = {"columns": {"sku": "פריט", "on_hand": "כמות"}, "location_id": location_id, **more}
    answer = client.http.put(f"/v1/imports/mappings/{name}", headers=client.key, json=document)
    assert answer.status_code == 200, answer.text


def upload(client: Client, mapping: str, content: bytes) -> str:
    answer = client.http.post("/v1/imports/uploads", headers=client.key, json={"mapping": mapping})
    assert answer.status_code == 201, answer.text
    leave = answer.json()
    assert put(leave, content).status_code == 204
    import_id: str = leave["import_id"]
    return import_id


def put(leave: dict[str, Any], content: bytes) -> httpx.Response:
    return httpx.post(leave["url"], data=leave["fields"], files={"file": content})


def shown(client: Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = client.http.get(path, headers=client.key).json()
    return found


def test_a_hebrew_file_is_uploaded_and_reported_and_a_full_count_waits_for_approval(client: Client, sku: str) -> None:
    name, place = sku.lower(), f"depot-{sku}"
    save_mapping(client, name, place, encoding="windows-1255", decimal=",", full_count=True)
    lines = [f'{sku}-{number};"קומקום\nאדום";1.00{number},5' for number in range(5)]
    import_id = upload(client, name, "\r\n".join(["פריט;תיאור;כמות", *lines]).encode("windows-1255"))

    awaited(lambda: client.sellable(f"{sku}-4") == 1004, what="the file's units", seconds=60)
    report = shown(client, f"/v1/imports/{import_id}")
    assert (report["state"], report["totals"]) == ("done", {"rows": 5, "bad_lines": 0, "levels": 5})

    second = upload(client, name, "\r\n".join(["פריט;תיאור;כמות", *lines[:2]]).encode("windows-1255"))
    snapshot_id = awaited(
        lambda: shown(client, f"/v1/imports/{second}").get("snapshot_id"), what="the second file", seconds=60
    )
    path = f"/v1/stock/snapshots/{snapshot_id}"
    awaited(lambda: shown(client, path).get("state") == "waiting_for_approval", what="the brake", seconds=60)
    assert client.sellable(f"{sku}-4") == 1004
    assert client.http.post(f"{path}/approve", headers=client.key).json()["state"] == "applying"
    awaited(lambda: shown(client, path)["state"] == "applied", what="it applied", seconds=60)
    assert [client.sellable(f"{sku}-{number}") for number in range(5)] == [1000, 1001, 0, 0, 0]


def test_an_upload_is_of_its_size_and_of_its_place_only(client: Client, sku: str) -> None:
    save_mapping(client, sku.lower(), f"depot-{sku}")
    leave = client.http.post("/v1/imports/uploads", headers=client.key, json={"mapping": sku.lower()}).json()
    assert "EntityTooSmall" in put(leave, b"").text
    elsewhere = {**leave, "fields": {**leave["fields"], "key": f"inbox/{sku.lower()}/another.csv"}}
    assert put(elsewhere, b"SKU;1").status_code == 403


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "gzip", "zip"])
def test_workbooks_and_packed_files_are_read_as_they_are(client: Client, sku: str, kind: str) -> None:
    name, rows = f"{sku.lower()}-{kind}", [("פריט", "כמות"), (f"{sku}-{kind}", 7)]
    text = "\n".join(f"{item};{units}" for item, units in rows).encode()
    content = PACKED[kind](text) if kind in PACKED else WRITERS[kind](rows)
    save_mapping(client, name, f"depot-{sku}")

    import_id = upload(client, name, content)

    awaited(lambda: client.sellable(f"{sku}-{kind}") == 7, what="the file's units", seconds=60)
    assert shown(client, f"/v1/imports/{import_id}")["totals"] == {"rows": 1, "bad_lines": 0, "levels": 1}
