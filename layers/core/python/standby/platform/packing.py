"""Long texts as items keep them: compressed, because an item of DynamoDB takes 400 KB and costs by its length."""

import zlib

PLAIN_BYTES = 10_000
"""A longer text is compressed: it costs less to write, and nobody reads so much of it in a console."""


def compressed(text: str) -> bytes | None:
    """Return a text compressed; ``None``: it is short, and stays as it is."""
    return zlib.compress(text.encode()) if len(text) > PLAIN_BYTES else None


def expanded(text: str | None, content: bytes | None) -> str:
    """Return what was kept: ``text`` as it was, or ``content`` compressed."""
    if content is not None:
        return zlib.decompress(content).decode()
    assert text is not None, "an item has neither"  # noqa: S101 - it is written so
    return text
