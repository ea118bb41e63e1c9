"""What is generated and committed is what the code says today."""

import pytest

from infra.operations import event_contracts, schemas
from infra.operations.openapi import document as openapi


@pytest.mark.parametrize(("path", "kind"), [pytest.param(*pair, id=pair[0].stem) for pair in schemas.documents()])
def test_a_committed_json_schema_is_what_its_dataclass_says(path: schemas.Path, kind: type) -> None:
    assert schemas.text(kind) == path.read_text("utf-8")


def test_every_committed_json_schema_has_a_dataclass() -> None:
    committed = set(schemas.PRODUCT.glob("standby/*/json_schemas/*.json"))
    events = {path for path in event_contracts.documents() if path.suffix == ".json"}
    assert committed == {path for path, _kind in schemas.documents()} | events


@pytest.mark.parametrize("path", event_contracts.documents(), ids=lambda path: path.stem)
def test_what_is_promised_of_an_event_is_what_its_type_says(path: schemas.Path) -> None:
    assert event_contracts.documents()[path] == path.read_text("utf-8")


def test_the_committed_openapi_document_is_what_the_routes_say() -> None:
    assert openapi.text() == openapi.COMMITTED.read_text("utf-8")


def test_every_operation_leads_to_a_function() -> None:
    functions = {path.parent.name for path in openapi.ROOT.glob("functions/*/handler.py")}
    paths = openapi.document()["paths"]
    assert {one["x-function"] for operations in paths.values() for one in operations.values()} <= functions
