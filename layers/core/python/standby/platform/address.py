"""E-mail addresses: which ones are the same, and how to name one without showing it."""

import hashlib
import unicodedata
from base64 import urlsafe_b64encode


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
