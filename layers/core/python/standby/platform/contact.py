"""How people are written to: their address and language as forms and storefronts send them."""

from standby.platform.http import malformed
from standby.platform.language_codes import OLD_CODES


def address(text: str) -> str:
    """Return an address as it can be mailed: ASCII, an international domain in its punycode form.

    Only the syntax is checked; only mailing shows whether mail arrives. Raises `Problem` 400.
    """
    # Imported only when an address is read, because compiling its patterns takes a quarter of a cold start.
    from standby.platform.mailable import AddressError, mailable  # noqa: PLC0415

    try:
        return mailable(text)
    except AddressError as error:
        raise malformed(f"email: {error}") from error


def language(locale: str | None) -> str:
    """Return a locale's language, the unit in which mails are written; ``""`` for none."""
    code = (locale or "").replace("_", "-").partition("-")[0].lower()
    return OLD_CODES.get(code, code)


def accepted_language(header: str | None) -> str:
    """Return the language that a browser asks for first; ``""`` for none."""
    first = (header or "").partition(",")[0].partition(";")[0].strip()
    code = language(first)
    return code if code.isascii() and code.isalpha() else ""
