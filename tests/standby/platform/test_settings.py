"""A function's environment: written by infra, read by the handler."""

import importlib
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.frozen import frozen
from standby.platform.settings import Environment, EnvironmentError  # noqa: A004 - see the module

FEATURES = ("access", "mail", "stock", "waitlist")
PART = st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1)


@frozen(kw_only=True)
class Sample(Environment):
    table_name: str
    attempts: int
    ratio: float
    strict: bool
    locales: tuple[str, ...]
    note: str | None = None
    limit: int | None = None
    quiet: bool = False


SAMPLE = Sample(table_name="Stock", attempts=3, ratio=0.5, strict=True, locales=("en", "he"))


def every_settings_class() -> list[type[Environment]]:
    modules = [importlib.import_module(f"standby.{feature}.settings") for feature in FEATURES]
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    return [kind for kind in kinds if issubclass(kind, Environment) and kind is not Environment]


def test_the_environment_is_named_in_capitals_and_written_in_words() -> None:
    assert SAMPLE.to_environment() == {
        "TABLE_NAME": "Stock",
        "ATTEMPTS": "3",
        "RATIO": "0.5",
        "STRICT": "true",
        "LOCALES": "en,he",
        "QUIET": "false",
    }


@given(
    st.builds(
        Sample,
        table_name=st.text(st.characters(exclude_categories=["Cs"])),
        attempts=st.integers(),
        ratio=st.floats(allow_nan=False),
        strict=st.booleans(),
        locales=st.lists(PART).map(tuple),
        note=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        limit=st.none() | st.integers(),
        quiet=st.booleans(),
    )
)
def test_what_infra_writes_the_handler_reads(settings: Sample) -> None:
    assert Sample.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize("kind", every_settings_class(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_function_s_settings_survive_their_environment(kind: type[Environment]) -> None:
    samples: dict[Any, Any] = {
        str: "Stock-1A2B",
        str | None: "Stock-1A2B",
        int: 14,
        float: 0.5,
        bool: True,
        tuple[str, ...]: ("192.0.2.0/24", "2001:db8::/32"),
    }
    settings = kind(**{field.name: samples[field.type] for field in fields(kind)})
    assert kind.from_environment(settings.to_environment()) == settings


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SAMPLE.to_environment().items():
        monkeypatch.setenv(name, value)
    assert Sample.from_environment() == SAMPLE


def test_other_variables_are_ignored() -> None:
    assert Sample.from_environment(SAMPLE.to_environment() | {"PATH": "/bin"}) == SAMPLE


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(EnvironmentError, match="Sample: TABLE_NAME, LOCALES missing from the environment"):
        Sample.from_environment({"ATTEMPTS": "3", "RATIO": "1", "STRICT": "true"})


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [("ATTEMPTS", "three", "int"), ("RATIO", "", "float"), ("STRICT", "yes", "bool"), ("LIMIT", "1.5", "int")],
)
def test_a_malformed_variable_is_named_with_what_it_should_be(name: str, text: str, kind: str) -> None:
    with pytest.raises(EnvironmentError, match=f"{name}: '{text}' is not {kind}"):
        Sample.from_environment(SAMPLE.to_environment() | {name: text})


def test_no_parts_are_an_empty_tuple() -> None:
    assert Sample.from_environment(SAMPLE.to_environment() | {"LOCALES": ""}).locales == ()


@pytest.mark.parametrize("part", ["a,b", ""])
def test_a_part_that_could_not_be_read_back_is_not_written(part: str) -> None:
    settings = Sample(table_name="Stock", attempts=3, ratio=0.5, strict=True, locales=("en", part))
    with pytest.raises(EnvironmentError, match="a part is not empty and has no comma"):
        settings.to_environment()
