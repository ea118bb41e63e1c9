"""Web addresses that customers are led to: a product's page, a picture. Every door reads them here.

What nobody sees around an address is no part of it. Within one, whatever could lead somebody elsewhere than it seems to
is refused by name: marks of direction, a password before the host, a host that is none.
"""

from collections.abc import Iterable

from standby.platform.identifier import PATTERN, IdentifierError, named, seen, trimmed

HTTPS, HTTP = "https://", "http://"
WRITTEN_AS = {character: f"%{ord(character):02X}" for character in "'`{|}^"}
"""What addresses have in them though no page, mail or header takes it so: it becomes what browsers make of it."""
REFUSED = frozenset('"<>\\')
HANDLE = "{handle}"
"""Where an export's name of a product goes."""
LONGEST_HOST = 253
LONGEST_LABEL = 63
PORTS = 65_535
_TEXT = PATTERN.removeprefix("^[^").removesuffix("]*$")
SCHEMA_PATTERN = f'^https://[^{_TEXT} /?#@"<>\\\\]+([/?#][^{_TEXT} "<>\\\\]*)?$'
"""What JSON Schemas say of an address's characters. `web_address` refuses more."""


def web_address(said: object, *, local: bool = False) -> str:
    """Return an absolute address with https. Raises `IdentifierError`, whose text says what is wrong with it.

    ``local`` lets through what only a shop's own network knows: http, and hosts of one word.
    """
    if type(said) is not str:
        raise IdentifierError("must be string")
    text = trimmed(said)
    for character in text:
        if character in REFUSED or character == " ":
            raise IdentifierError(f"has {named(character)} in it: write %{ord(character):02X}")
        if not seen(character):
            raise IdentifierError(f"has {named(character)} in it, which nobody sees or tells from a space")
    start = next((each for each in (HTTPS, HTTP)[: 1 + local] if text[: len(each)].lower() == each), None)
    if start is None:
        raise IdentifierError("is no web address: it must begin with https://")
    rest = text[len(start) :]
    authority = rest[: min((place for place in map(rest.find, "/?#") if place >= 0), default=len(rest))]
    _host(authority, local=local)
    return start + "".join(WRITTEN_AS.get(character, character) for character in rest)


def template(said: object, place: str, *, local: bool = False) -> str:
    """Return an address that has a place to be filled in, such as ``{handle}``, once. Raises `IdentifierError`."""
    made = web_address(said, local=local)
    text = str(said)
    if text.count(place) != 1 or any(brace in text.replace(place, "") for brace in "{}"):
        raise IdentifierError(f"must have {place} in it once, and no other braces")
    return made.replace("".join(WRITTEN_AS.get(character, character) for character in place), place)


def of_handle(said: object) -> str:
    """Return the address of a product's page, with ``{handle}`` in it. Raises `IdentifierError`."""
    return template(said, HANDLE)


def _host(authority: str, *, local: bool) -> None:
    """Raise `IdentifierError` for what is no host, or has more than a port beside it."""
    if "@" in authority:
        raise IdentifierError("has a user's name or password before its host: leave out all up to the @")
    host, colon, port = authority.partition(":")
    if not host:
        raise IdentifierError("has no host")
    if colon and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= PORTS):
        raise IdentifierError(f"has the port {port[:20]!r}, which is none")
    labels = host.removesuffix(".").split(".")
    if len(host) > LONGEST_HOST or not all(map(_is_label, labels)) or not _is_name(labels, local=local):
        raise IdentifierError(f"has {host[:80]!r} for a host, which is none")


def _is_label(label: str) -> bool:
    return (
        0 < len(label) <= LONGEST_LABEL
        and label[0] != "-" != label[-1]
        and all(character in "-_" or _is_letter(character) for character in label)
    )


def _is_letter(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    import unicodedata  # noqa: PLC0415 - a megabyte that few cold starts need

    return unicodedata.category(character)[0] in "LMN"


def _is_name(labels: Iterable[str], *, local: bool) -> bool:
    """Tell whether labels are a name on the Internet, or an address of IPv4."""
    parts = list(labels)
    if not parts[-1].isdecimal():
        return local or len(parts) > 1
    return len(parts) == 4 and all(part.isascii() and part.isdecimal() and int(part) < 256 for part in parts)  # noqa: PLR2004 - IPv4
