"""Long texts are kept compressed, short ones as they are, and both come back."""

import pytest
from standby.platform.packing import PLAIN_BYTES, compressed, expanded


@pytest.mark.parametrize("length", [0, 1, PLAIN_BYTES, PLAIN_BYTES + 1, 100_000])
def test_a_text_comes_back(length: int) -> None:
    text = "מ" * length
    content = compressed(text)
    assert expanded(text if content is None else None, content) == text


def test_only_a_long_text_is_compressed() -> None:
    assert compressed("x" * PLAIN_BYTES) is None
    assert len(compressed("x" * (PLAIN_BYTES + 1)) or b"") < 100
