"""Cutting a stream of things into requests that a service takes."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")


def groups(
    things: Iterable[Thing], *, most: int, most_weight: int, weight: Callable[[Thing], int]
) -> Iterator[list[Thing]]:
    """Yield the things in order, in lists of at most ``most`` things that weigh at most ``most_weight`` together.

    A thing that alone weighs more makes a list of its own.
    """
    group: list[Thing] = []
    total = 0
    for thing in things:
        heavy = weight(thing)
        if group and (len(group) == most or total + heavy > most_weight):
            yield group
            group, total = [], 0
        group.append(thing)
        total += heavy
    if group:
        yield group
