"""References as tags that SES takes."""

import re

import pytest
from standby.mail.tag import reference, tags

LETTERS = re.compile(r"[A-Za-z0-9_-]{1,256}")
REFERENCES = [
    "e",
    "w1~2026-05-03T10:00:00.000Z~8kVnq0~1~s~12~1~2026-05-03T10:00:00.000Z#8kVnq0~0~50~SHIRT-RED-M",
    "w1~\u05d7\u05d5\u05dc\u05e6\u05d4 \U0001f455/#&",
    "\U0001f455" * 200,
]


@pytest.mark.parametrize("text", REFERENCES)
def test_a_reference_comes_back_from_the_tags_of_an_event(text: str) -> None:
    made = tags(text)
    assert all(LETTERS.fullmatch(name) and LETTERS.fullmatch(value) for name, value in made.items())
    of_ses = {"ses:configuration-set": ["mails"], "ses:from-domain": ["shop.example"]}
    assert reference(of_ses | {name: [value] for name, value in reversed(made.items())}) == text


def test_a_usual_reference_takes_one_tag() -> None:
    assert len(tags(REFERENCES[1])) == 1


def test_a_mail_without_tags_has_no_reference() -> None:
    assert reference({"ses:configuration-set": ["mails"]}) is None


@pytest.mark.parametrize("value", ["A", "\u05d7", "_w8"])
def test_what_is_no_reference_is_refused(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the decoders say what they like
        reference({"reference-0": [value]})
