"""E-mail addresses: which ones are the same, how to name one without showing it, how a mail says who sends it."""

import hashlib
import unicodedata
from base64 import urlsafe_b64encode
from email.header import Header
from email.utils import formataddr, parseaddr

TAG = "+"
"""Begins what most providers let people add to their name (RFC 5233): Gmail, Outlook, iCloud, Proton, Fastmail."""
GMAIL = frozenset({"gmail.com", "googlemail.com"})
"""One provider's domains. It documents that dots in a name do not matter there, and that both domains are one."""
LONGEST_WORD = 75
"""Characters of an encoded word (RFC 2047)."""


INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Categories of Unicode that nobody sees around a text, or in a code: spaces, marks of direction and of joining."""


def typed(text: str) -> str:
    """Return an address as somebody meant it: without what nobody sees around it and copying brings along."""
    seen = [place for place, letter in enumerate(text) if unicodedata.category(letter) not in INVISIBLE]
    return text[seen[0] : seen[-1] + 1] if seen else ""


def visible(text: str) -> str:
    """Return only what one sees of a text, such as a code: nothing of what is in it besides is meant."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in INVISIBLE)


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
    return _key(normalized(email))


def mailbox(email: str) -> str:
    """Return one name for all spellings of a mailbox, by which it is counted. Nothing is ever mailed to it.

    Who has the name ``ana`` gets what goes to ``ana+shop``, so both are counted as one. Where a provider gives the +
    no meaning, two people are counted as one at worst.
    """
    name, _, domain = normalized(email).rpartition("@")
    name = name.partition(TAG)[0] or name
    if domain in GMAIL:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def mailbox_key(email: str) -> str:
    """Return the key by which a mailbox is counted. It is no address's key, so neither is found by the other."""
    return _key(f"mailbox {mailbox(email)}")


def _key(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def from_header(sender: str) -> str:
    """Return ``Name <address>`` as SES takes it: in ASCII, any other name as encoded words (RFC 2047).

    `formataddr` alone would make one word of a name, however long it is.
    """
    name, address = parseaddr(sender)
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', LONGEST_WORD).encode(linesep='')} <{address}>"
