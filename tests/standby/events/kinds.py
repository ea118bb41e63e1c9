"""Every event type of the package, by the name of its publisher's module and its own."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

from standby import events

NOT_PUBLISHERS = {"fields", "hearing"}


def _found() -> Iterator[tuple[str, Any]]:
    for module in pkgutil.iter_modules(events.__path__):
        if module.name in NOT_PUBLISHERS:
            continue
        publisher = importlib.import_module(f"{events.__name__}.{module.name}")
        for name, kind in inspect.getmembers(publisher, inspect.isclass):
            if kind.__module__ == publisher.__name__:
                yield f"{module.name}.{name}", kind


EVENTS = dict(_found())
