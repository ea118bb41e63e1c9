"""Kinds of files are found by name, and are what their names promise."""

import pytest
from standby.imports.kinds import KINDS, USUAL, Plug, kind_of, plug
from standby.imports.model import UnusableMappingError
from standby.platform.schema import checker


def test_a_mapping_that_says_no_kind_is_of_the_usual_one() -> None:
    assert (kind_of({}), kind_of({"kind": None}), kind_of({"kind": "other"})) == (USUAL, USUAL, "other")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_a_plug_with_a_schema_for_its_mappings(kind: str) -> None:
    made = plug(kind)
    assert isinstance(made, Plug)
    needed = {"stock": "columns: missing", "products": "format: missing"}
    assert checker(made.package, "import_mapping")({"kind": kind}) == [needed[kind]]


def test_a_kind_that_there_is_not_names_those_that_are() -> None:
    with pytest.raises(UnusableMappingError, match="kind: 'music' is none, only: stock, products"):
        plug("music")
