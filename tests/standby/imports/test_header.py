"""A first line that is no text in the mapping's encoding: the report says so, in words that a store can keep."""

import gzip

import pytest
from standby.platform.queue import PoisonError

from tests.standby.imports.test_reading import Desk, event

HEBREW = "פריט;כמות\nA;1\n"


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    "content",
    [
        HEBREW.encode("windows-1255"),
        "Artikel;Stück\nA;1\n".encode("latin-1"),
        gzip.compress(HEBREW.encode("windows-1255"), mtime=0),
    ],
    ids=["windows-1255", "latin-1", "packed"],
)
def test_a_header_in_another_encoding_ends_in_a_report_that_says_so(content: bytes) -> None:
    desk = Desk()
    desk.files.objects["inbox/plain/a.csv"] = content
    with pytest.raises(PoisonError) as poison:
        desk.reader.handle(event("inbox/plain/a.csv", size=len(content)))
    (report,) = desk.files.reports.values()
    assert report["state"] == "failed"
    assert "no text in the mapping's encoding" in report["reason"]
    assert report["reason"].encode() in poison.value.reason.encode()
