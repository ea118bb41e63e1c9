"""JSON Schemas at run time: committed files, compiled by fastjsonschema on first use, errors as short sentences.

The files are made from a feature's dataclasses at development time (``make schemas``); no pydantic runs in a function.
"""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import fastjsonschema


@cache
def checker(package: str, name: str) -> Callable[[Any], list[str]]:
    """Return a function that lists what is wrong with a document, ``[]`` when nothing is.

    ``package`` is the feature's module path (``standby.stock``), ``name`` a file of its ``json_schemas`` folder without
    ``.json``. The sentences read ``on_hand: missing``.
    """
    schema = json.loads(files(package).joinpath("json_schemas", f"{name}.json").read_text("utf-8"))
    validate = fastjsonschema.compile(schema, use_default=False)

    def check(document: Any) -> list[str]:  # noqa: ANN401 - JSON
        try:
            validate(document)
        except fastjsonschema.JsonSchemaValueException as error:
            return [_sentence(error)]
        return []

    return check


def _sentence(error: fastjsonschema.JsonSchemaValueException) -> str:
    where = ".".join(str(part) for part in error.path[1:])
    rule: Any = error.rule
    if rule == "required":
        missing = [name for name in error.rule_definition if name not in (error.value or {})]
        return f"{'.'.join([*filter(None, [where]), missing[0]])}: missing"
    if rule == "anyOf" and all(set(branch) == {"required"} for branch in error.rule_definition):
        choices = " or ".join(" and ".join(branch["required"]) for branch in error.rule_definition)
        return f"{'.'.join(filter(None, [where, choices]))}: missing"
    said = error.message.removeprefix(f"{error.name} ").removeprefix("data ")
    return f"{where or 'message'}: {said}"
