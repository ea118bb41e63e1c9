"""Which addresses mail can be sent to, and what is wrong with one that is refused."""

from collections.abc import Iterator
from unicodedata import category, name

from email_validator import EmailNotValidError, validate_email

from standby.platform.address import INVISIBLE, typed

LONGEST = 254
"""Characters of an address (RFC 5321, with its erratum 1690)."""
LONGEST_NAME = 64
DOTS = frozenset(".\u3002\uff0e\uff61")
"""What parts the labels of a domain, in every script (RFC 3490)."""


class AddressError(ValueError):
    """The text is no address; the error says what is wrong with it."""


def mailable(text: str) -> str:
    """Return an address as it can be mailed: ASCII, an international domain in its punycode form.

    Only the syntax is checked; only mailing shows whether mail arrives. Raises `AddressError`.
    """
    email = typed(text)
    wrong = next(_wrong(email), None)
    if wrong is not None:
        raise AddressError(wrong)
    try:
        checked = validate_email(email, allow_smtputf8=False, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise AddressError(str(error)) from error
    if checked.ascii_email is None:
        raise AddressError("it has letters before the @ that mail cannot be sent to")
    return checked.ascii_email


def _wrong(email: str) -> Iterator[str]:
    """Yield what people do wrong most often, in words. For anything else a parser has to look."""
    if not email:
        yield "is empty"
    if len(email) > LONGEST:
        yield f"has {len(email):,} characters, and an address has at most {LONGEST}"
    for place, letter in enumerate(email, start=1):
        if category(letter) in INVISIBLE:
            what = "a blank" if letter.isspace() else f"{name(letter, 'a control character')}, which nobody sees,"
            yield f"there is {what} inside, at place {place}"
    at = email.count("@")
    if at == 0:
        yield "there is no @"
    if at > 1 and '"' not in email:
        yield f"there are {at} @, and an address has one"
    before, _, after = email.rpartition("@")
    if not before or not after:
        yield f"there is nothing {'after' if before else 'before'} the @"
    if len(before) > LONGEST_NAME:
        yield f"the part before the @ has {len(before)} characters, and may have {LONGEST_NAME}"
    if DOTS.isdisjoint(after) and not after.startswith("["):
        yield "the part after the @ has no dot, so it is no domain"
