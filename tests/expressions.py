"""DynamoDB's condition, key-condition and update expressions, as far as Standby uses them, read once and kept."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

Item = dict[str, Any]
Value = Mapping[str, Any]
TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),+-]|[#:]?[\w.#]+)")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "<>": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


class UnreadableError(Exception):
    """The expression uses something that is not read here."""


@dataclass(frozen=True)
class Scope:
    """What an expression is evaluated on: an item, and what its placeholders stand for."""

    item: Mapping[str, Value]
    names: Mapping[str, str]
    values: Mapping[str, Value]

    def path(self, text: str) -> list[str]:
        """Return the attribute names of a dotted path."""
        return [self.names[part] if part.startswith("#") else part for part in text.split(".")]

    def operand(self, text: str) -> Value | None:
        """Return the value of a placeholder or an attribute, ``None`` where there is none."""
        if text.startswith(":"):
            return self.values[text]
        first, *rest = self.path(text)
        found = self.item.get(first)
        for part in rest:
            found = found["M"].get(part) if found and "M" in found else None
        return found


Test = Callable[[Scope], bool]
Change = Callable[[Scope, Item], None]


def comparable(value: Value) -> Any:
    """Return a Python value that compares as DynamoDB compares."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return float(inner) if "." in inner else int(inner)
    if kind in {"SS", "NS"}:
        return frozenset(inner)
    return inner


@cache
def condition(text: str) -> Test:
    """Read a condition or key condition."""
    reader = _Reader(text)
    test = reader.either()
    reader.end()
    return test


@cache
def update(text: str) -> Sequence[Change]:
    """Read an update expression as changes of a copied item."""
    reader = _Reader(text)
    changes: list[Change] = []
    while reader.more():
        section = reader.take()
        one = {"SET": reader.setting, "ADD": reader.adding, "REMOVE": reader.removing, "DELETE": reader.deleting}
        while True:
            changes.append(one[section]())
            if not reader.skip(","):
                break
    return changes


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = TOKEN.findall(text)
        self.place = 0

    def more(self) -> bool:
        return self.place < len(self.tokens)

    def take(self) -> str:
        self.place += 1
        token: str = self.tokens[self.place - 1]
        return token

    def skip(self, *words: str) -> bool:
        if self.more() and self.tokens[self.place].upper() in words:
            self.place += 1
            return True
        return False

    def must(self, word: str) -> None:
        if not self.skip(word):
            raise UnreadableError(self.text)

    def end(self) -> None:
        if self.more():
            raise UnreadableError(self.text)

    # ---- conditions ----

    def either(self) -> Test:
        tests = [self.both()]
        while self.skip("OR"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda scope: any(test(scope) for test in tests)

    def both(self) -> Test:
        tests = [self.single()]
        while self.skip("AND"):
            tests.append(self.single())
        return tests[0] if len(tests) == 1 else lambda scope: all(test(scope) for test in tests)

    def single(self) -> Test:
        if self.skip("NOT"):
            inner = self.single()
            return lambda scope: not inner(scope)
        if self.skip("("):
            inner = self.either()
            self.must(")")
            return inner
        first = self.take()
        if self.skip("("):
            return self.function(first)
        if self.skip("BETWEEN"):
            low = self.take()
            self.must("AND")
            high = self.take()
            return lambda scope: _compares(scope, first, ">=", low) and _compares(scope, first, "<=", high)
        sign = self.take()
        if sign not in COMPARISONS:
            raise UnreadableError(self.text)
        second = self.take()
        return lambda scope: _compares(scope, first, sign, second)

    def function(self, name: str) -> Test:
        path = self.take()
        if name in {"attribute_exists", "attribute_not_exists"}:
            self.must(")")
            wanted = name == "attribute_exists"
            return lambda scope: (scope.operand(path) is not None) is wanted
        self.must(",")
        other = self.take()
        self.must(")")
        if name == "begins_with":
            return lambda scope: _text(scope, path).startswith(_text(scope, other))
        if name == "contains":
            return lambda scope: _contains(scope, path, other)
        raise UnreadableError(self.text)

    # ---- updates ----

    def setting(self) -> Change:
        path = self.take()
        self.must("=")
        first = self.amount()
        sign = self.take() if self.more() and self.tokens[self.place] in {"+", "-"} else ""
        second = self.amount() if sign else None

        def change(scope: Scope, item: Item) -> None:
            value = first(scope)
            if second is not None:
                step = comparable(second(scope))
                value = {"N": str(comparable(value) + (step if sign == "+" else -step))}
            *parents, last = scope.path(path)
            target = item
            for part in parents:
                target[part] = {"M": dict(target[part]["M"])}
                target = target[part]["M"]
            target[last] = value

        return change

    def amount(self) -> Callable[[Scope], Value]:
        first = self.take()
        if first == "if_not_exists":
            self.must("(")
            path = self.take()
            self.must(",")
            other = self.amount()
            self.must(")")
            return lambda scope: scope.operand(path) or other(scope)
        return lambda scope: _known(scope, first)

    def adding(self) -> Change:
        path, value = self.take(), self.take()

        def change(scope: Scope, item: Item) -> None:
            (name,) = scope.path(path)
            added = scope.values[value]
            if "N" in added:
                before = comparable(item[name]) if name in item else 0
                item[name] = {"N": str(before + comparable(added))}
            else:
                ((kind, members),) = added.items()
                item[name] = {kind: sorted({*item.get(name, {}).get(kind, ()), *members})}

        return change

    def removing(self) -> Change:
        path = self.take()

        def change(scope: Scope, item: Item) -> None:
            *parents, last = scope.path(path)
            target = item
            for part in parents:
                target[part] = {"M": dict(target[part]["M"])}
                target = target[part]["M"]
            target.pop(last, None)

        return change

    def deleting(self) -> Change:
        path, value = self.take(), self.take()

        def change(scope: Scope, item: Item) -> None:
            (name,) = scope.path(path)
            ((kind, members),) = scope.values[value].items()
            left = sorted(set(item.get(name, {}).get(kind, ())) - set(members))
            if left:
                item[name] = {kind: left}
            else:
                item.pop(name, None)

        return change


def _known(scope: Scope, text: str) -> Value:
    value = scope.operand(text)
    if value is None:
        raise UnreadableError(text)
    return value


def _compares(scope: Scope, first: str, sign: str, second: str) -> bool:
    one, other = scope.operand(first), scope.operand(second)
    if one is None or other is None or set(one) != set(other):
        return sign == "<>"
    return COMPARISONS[sign](comparable(one), comparable(other))


def _text(scope: Scope, operand: str) -> str:
    found = scope.operand(operand) or {}
    text: str = found.get("S", "")
    return text


def _contains(scope: Scope, path: str, other: str) -> bool:
    held, sought = scope.operand(path), scope.operand(other)
    if held is None or sought is None:
        return False
    ((kind, inner),) = held.items()
    member = next(iter(sought.values()))
    return member in inner if kind in {"SS", "NS", "S"} else sought in inner
