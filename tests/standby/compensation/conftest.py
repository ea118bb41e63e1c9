"""A shop in a world of its own."""

from tests.promises.conftest import shop as shop  # noqa: PLC0414 - a fixture
