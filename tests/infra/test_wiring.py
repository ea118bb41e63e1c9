"""What `tests.world` is built from is what the templates say."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.infra.template import Stacks
from tests.infra.wired import lost, wiring
from tests.wiring import WIRING, hearing


def test_the_committed_wiring_is_what_the_templates_say(prod: Stacks) -> None:
    made = wiring(prod)
    assert {name: made[name] for name in made if made[name] != WIRING[name]} == {}, "make wiring"
    assert list(made["queues"]) == list(WIRING["queues"])


@pytest.mark.parametrize(("misplaced", "heard"), [(2, True), (0, False), (None, True)])
def test_whoever_gives_hears_only_of_skus_of_which_units_are_misplaced(misplaced: int | None, *, heard: bool) -> None:
    event = "ReservationConfirmed" if misplaced is None else "StockChanged"
    detail = {} if misplaced is None else {"misplaced": misplaced}

    assert ("PreorderAllocations" in hearing(event, detail)) == heard


def test_the_local_stage_is_wired_alike(local: Stacks) -> None:
    """What its functions are told and may do differs: `test_stage`, `test_permissions`."""
    made = wiring(local)
    assert {name: made[name] for name in made if name != "functions" and made[name] != WIRING[name]} == {}
    assert _led(made["functions"]) == _led(WIRING["functions"])


def _led(functions: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what each function's variables lead to, without the shop's address, which only the local stage is told."""
    return {
        name: {variable: place for variable, place in function["knows"].items() if variable != "PUBLIC_URL"}
        for name, function in functions.items()
    }


def test_a_table_or_an_address_that_would_be_another_is_not_written() -> None:
    renamed = copy.deepcopy(dict(WIRING))
    renamed["held"]["StockTableName"] = "Stock.LedgerTable00000000"
    renamed["stateful"].remove("Mail.JobsTable10C8EDF6")
    renamed["held"]["NewQueueUrl"] = "New.NewQueue00000000"

    assert [entry.partition(":")[0] for entry in lost(WIRING, renamed)] == [
        f"StockTableName {WIRING['held']['StockTableName']}",
        "Mail.JobsTable10C8EDF6",
    ]
