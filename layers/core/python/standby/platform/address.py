"""E-mail addresses: which ones are the same, how to name one without showing it, how a mail says who sends it."""

import hashlib
import unicodedata
from base64 import urlsafe_b64encode
from email.header import Header
from email.utils import formataddr, parseaddr

LONGEST_WORD = 75
"""Characters of an encoded word (RFC 2047)."""


def normalized(email: str) -> str:
    """Return the form in which two addresses are compared: trimmed, composed (Unicode NFC) and lower-cased.

    RFC 5321 lets the part before the @ be case-sensitive; no large provider treats it so, and a person
    who types ``Ana@`` once and ``ana@`` later is one person.
    """
    return unicodedata.normalize("NFC", email.strip()).lower()


def address_key(email: str) -> str:
    """Return the key that stands for an address in tables, events, tokens and logs.

    22 characters of ``A-Z a-z 0-9 _ -``: the first 128 bits of the SHA-256 of the normalized address.
    """
    digest = hashlib.sha256(normalized(email).encode()).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def from_header(sender: str) -> str:
    """Return ``Name <address>`` as SES takes it: in ASCII, any other name as encoded words (RFC 2047).

    `formataddr` alone would make one word of a name, however long it is.
    """
    name, address = parseaddr(sender)
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', LONGEST_WORD).encode(linesep='')} <{address}>"
