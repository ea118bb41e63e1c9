"""Cold starts of functions, quick enough for the thousands that `tests.crashes` needs."""

import functools
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


class _Compiled(SourceFileLoader):
    """Loads a module anew each time, from code that was compiled once."""

    get_code = functools.cache(SourceFileLoader.get_code)  # type: ignore[assignment]


def cold(function: str, path: Path) -> Callable[..., Any]:
    """Run a function's module as a cold start does; return its handler."""
    spec = _spec(function, path)
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[..., Any] = module.handler
    return handler


@functools.cache
def _spec(function: str, path: Path) -> ModuleSpec:
    name = f"world_{function}"
    spec = spec_from_file_location(name, path, loader=_Compiled(name, str(path)))
    assert spec
    return spec
