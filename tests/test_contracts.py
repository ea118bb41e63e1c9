"""What is generated and committed is what the code says today."""

import pytest

from infra.operations import schemas


@pytest.mark.parametrize(("path", "kind"), [pytest.param(*pair, id=pair[0].stem) for pair in schemas.documents()])
def test_a_committed_json_schema_is_what_its_dataclass_says(path: schemas.Path, kind: type) -> None:
    assert schemas.text(kind) == path.read_text("utf-8")


def test_every_committed_json_schema_has_a_dataclass() -> None:
    committed = set(schemas.PRODUCT.glob("standby/*/json_schemas/*.json"))
    assert committed == {path for path, _kind in schemas.documents()}
