"""The rules of the markets, from the files beside this one, and the market of a country."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from standby.delivery.rights.model import Market, Rule

FOLDER = Path(__file__).with_name("markets")
DEFAULT = "default"
"""The market of every country that no other names."""


def market_of(country: str | None) -> Market:
    """Return the market of a country by its ISO 3166-1 code of two letters; for all others the careful default.

    A market that inherits is the nearer one: Germany is its own, although the European Union names it too.
    """
    return market(_by_country().get((country or "").strip().upper(), DEFAULT))


@cache
def market(name: str) -> Market:
    """Return a market with all rules, those that it inherits among them."""
    said = _file(name)
    inherited = market(said["inherits"]).rules if "inherits" in said else {}
    own = {rule: Rule(**fields) for rule, fields in said["rules"].items()}
    return Market(name=name, note=said["note"], rules={**inherited, **own})


def markets() -> list[str]:
    """Return the names of all markets."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def _by_country() -> Mapping[str, str]:
    nearest_last = sorted(markets(), key=lambda name: "inherits" in _file(name))
    return {code: name for name in nearest_last for code in _file(name)["countries"]["codes"]}


@cache
def _file(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
