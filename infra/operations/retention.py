"""Write ``infra/RETENTION.md``: how long what concerns people is kept, made from `standby.platform.kept`."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from standby.platform import kept
from standby.platform.counted import counted

PAGE = Path(__file__).parents[1] / "RETENTION.md"
INTRODUCTION = """# What is kept about people, and how long

Made by `make wiring` from `standby/platform/kept.py`, where the functions read these times. A test fails when this page
is stale, or when a stack keeps something for another time. *Key* is a hash that stands for an address. DynamoDB removes
items some days late; nothing is done with them after their time.

| where | what | how long | why |
| --- | --- | --- | --- |
"""
END = """
Without an end: the key of an address that bounced or complained for good (Mail), so that it is not mailed again; which
consents somebody gave, as long as the entry is there. Stock, products, the shelf, settings and API keys concern no
customer. Nothing of a customer stands in a log but keys and ids (a test looks).
"""


class Row(NamedTuple):
    """A line of the page."""

    name: str
    where: str
    what: str
    time: timedelta
    why: str


def rows() -> Iterator[Row]:
    """Yield each constant of the module with what is written below it."""
    body = ast.parse(Path(kept.__file__).read_text("utf-8")).body
    for said, below in pairwise(body):
        match said, below:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                where, what, why = (" ".join(part.split()) for part in text.split("|"))
                yield Row(name, where, what, getattr(kept, name), why)


def page() -> str:
    """Return the page."""
    lines = [f"| {row.where} | {row.what} | {_words(row.time)} | {row.why} |\n" for row in rows()]
    return "".join([INTRODUCTION, *lines, END])


def _words(time: timedelta) -> str:
    return counted(time.days, "day") if time.days else counted(time.seconds // 60, "minute")
