"""A mail kind is a folder of ``kinds``: what the mail is made of, and its words in every language (design §7).

==================  ========================================================================================
``kind.json``       purpose, blocks in their order, places of its texts, and the JSON Schema of a job's data
``<locale>.json``   the texts: ``subject``, ``preheader``, ``heading``, ``why``, and those that its blocks name
``sample.json``     data and slots to look at it with (``make mails``, tests)
==================  ========================================================================================

``kinds/kind.schema.json`` says what ``kind.json`` may hold, ``blocks/<block>/block.schema.json`` what a block is told
there. Shapes that the data of several kinds have (a link, a product) stand once, in ``kinds/shapes.json``. Adding a
kind is adding a folder; nothing lists them.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from standby.mail.model import Purpose
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError

KIND = re.compile(r"[a-z_]+")
INSTEAD = "instead"
"""What the data of a kind may have that shows products which can be bought instead. The sender looks for them."""
NEAREST = "nearest"
"""What the data has, for each recipient by itself, of the nearest store: blocks whose ``when`` says so are theirs."""
PRODUCT_KINDS = Path(__file__).with_name("kinds")


@frozen()
class Kind:
    """One kind of mail."""

    purpose: Purpose
    leave: bool
    """The mail has the link that ends all mails like it: the data's ``leave_url`` and the slot ``leave``."""
    places: Mapping[str, Mapping[str, Any]]
    """What stands at a text's ``{place}``: a format, and where in the data its value is."""
    blocks: Sequence[Mapping[str, Any]]
    at_lease: bool
    """Something in it counts from the moment at which the sender took the lease for a call."""
    alternatives: bool
    """It shows what can be bought instead (`INSTEAD`)."""
    there: str | None
    """Where in the data products are of which only those are shown that can be bought when the mail is sent."""
    most: int | None
    """How many of those are shown at most, the first ones; ``None``: all of them."""
    nearest: str | None
    """Where in the data the SKU is of which the nearest store is named to whoever said a place (`NEAREST`)."""
    store: str | None
    """Where in the data the store is in which those can be bought; ``None``: online."""
    check: Callable[[Any], Any] = field(repr=False)
    folder: Path = field(repr=False)

    def require(self, data: Mapping[str, Any]) -> None:
        """Raise `PoisonError`, with the field's name, when a job's data is not what the kind needs."""
        try:
            self.check(data)
        except fastjsonschema.JsonSchemaValueException as error:
            raise PoisonError(_sentence(error)) from error

    def texts(self, language: str) -> Mapping[str, Any]:
        """Return the texts in a language."""
        return _texts(self.folder, language)


@cache
def read_kind(name: str, roots: tuple[Path, ...] = (PRODUCT_KINDS,)) -> Kind:
    """Read a kind from the first of the folders that has it. Raises `PoisonError` when none does."""
    for root in roots:
        folder = root / name
        if KIND.fullmatch(name) and (folder / "kind.json").is_file():
            said = json.loads((folder / "kind.json").read_text("utf-8"))
            return Kind(
                purpose=Purpose(said["purpose"]),
                leave=said["leave"],
                places=said["places"],
                blocks=said["blocks"],
                at_lease=any("at_lease" in value for place in said["places"].values() for value in place.values()),
                there=said.get("there"),
                most=said.get("most"),
                nearest=said.get("nearest"),
                store=said.get("store"),
                alternatives=INSTEAD in said["data"]["properties"],
                check=fastjsonschema.compile(said["data"] | {"definitions": _shapes()}, use_default=False),
                folder=folder,
            )
    raise PoisonError(f"kind: {name} is unknown")


@cache
def _shapes() -> dict[str, Any]:
    shapes: dict[str, Any] = json.loads((PRODUCT_KINDS / "shapes.json").read_text("utf-8"))
    return shapes


@cache
def _texts(folder: Path, language: str) -> Mapping[str, Any]:
    texts: dict[str, Any] = json.loads((folder / f"{language}.json").read_text("utf-8"))
    return texts


def _sentence(error: fastjsonschema.JsonSchemaValueException) -> str:
    where = ".".join(["data", *(str(part) for part in error.path[1:])])
    if error.rule == "required":
        missing = [name for name in error.rule_definition or () if name not in (error.value or {})]
        return f"{where}.{missing[0]}: missing"
    wanted = (error.definition or {}).get("title")
    said = error.message.removeprefix(f"{error.name} ")
    return f"{where}: missing or not {wanted}" if wanted else f"{where}: {said}"
