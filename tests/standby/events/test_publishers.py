"""What every event has in common, whoever publishes it."""

import json
import os
import subprocess
import sys
from typing import Any, get_args

import pytest
from standby.events.stock import EtaMoved, SoldOut
from standby.events.waitlist import CustomerLeft
from standby.platform.bus import detail_of, name_of
from standby.platform.json_text import from_json, to_json
from standby.platform.schema import checker

from infra.operations import event_contracts

EVENTS = event_contracts.events()
every_event = pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)


def test_an_event_is_named_after_its_class() -> None:
    assert name_of(SoldOut(id="s", at="t", sku="A", revision=1)) == "SoldOut"


def test_a_detail_leaves_out_what_is_not_known() -> None:
    moved = EtaMoved(id="x", at="t", sku="A", purchase_order_id="4711", eta=None, previous_eta="2026-06-01", quantity=5)
    assert detail_of(moved) == {
        "version": 1,
        "id": "x",
        "at": "t",
        "sku": "A",
        "purchase_order_id": "4711",
        "previous_eta": "2026-06-01",
        "quantity": 5,
    }


def test_a_list_that_is_empty_is_told() -> None:
    assert detail_of(CustomerLeft(id="c", at="t", address="key"))["references"] == ()


@every_event
def test_every_event_says_what_it_means_and_when_and_is_told_by_its_id(kind: Any) -> None:
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")
    assert kind._fields[:2] == ("id", "at")


@every_event
def test_what_may_be_unknown_may_be_left_out(kind: Any) -> None:
    unknown = {name for name, type_ in kind.__annotations__.items() if type(None) in get_args(type_)}
    assert unknown <= kind._field_defaults.keys()


def test_no_two_publishers_tell_the_same_event() -> None:
    assert len(EVENTS) == sum(len(kinds) for _publisher, _about, kinds in event_contracts.publishers())


@pytest.mark.parametrize("feature", ["mail", "waitlist"])
def test_what_a_feature_hears_is_known_without_aws_and_without_its_consumers(feature: str) -> None:
    """The stack asks for it at synthesis, and no function pays for another's parts."""
    script = f"import sys, json, standby.{feature}.hears; print(json.dumps(sorted(sys.modules)))"
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=path)  # noqa: S603 - ours
    loaded = json.loads(done.stdout)
    assert f"standby.{feature}.hears" in loaded
    assert not [name for name in loaded if name.startswith(("boto", "standby.platform", "standby.ledger"))]


@every_event
def test_what_is_told_keeps_the_contract_that_is_published(kind: Any) -> None:
    told = {
        name: _sample(said) for name, said in event_contracts.schema(kind)["properties"].items() if name != "version"
    }
    check = checker("standby.events", kind.__name__)
    shortest = {name: value for name, value in told.items() if name not in kind._field_defaults}
    for detail in (detail_of(kind(**told)), detail_of(kind(**shortest))):
        arrived = from_json(to_json(detail))
        assert check(arrived) == []
        for name in ["version", *shortest]:
            assert check({key: value for key, value in arrived.items() if key != name}) == [f"{name}: missing"]
        for name, value in arrived.items():
            for wrong in [{}] if not isinstance(value, dict) else ["MUG", [value]]:
                assert check({**arrived, name: wrong}), f"{name} may be anything"
            assert check({**arrived, name: None}), f"{name} may be null"
    assert check({**told, "version": 1, "at": "yesterday"})


def _sample(said: Any) -> Any:
    match said["type"]:
        case "object" if "properties" in said:
            return {name: _sample(inner) for name, inner in said["properties"].items()}
        case "object":
            return {"he": _sample(said["additionalProperties"])}
        case "array":
            return [_sample(said["items"])]
    instants = {"date-time": "2026-05-03T10:00:00.000Z", "date": "2026-05-03"}
    text = "ILS" if "pattern" in said else instants.get(said.get("format"), "MUG")
    return {"string": text, "integer": 7, "boolean": True}[said["type"]]
