"""How people are written to: their address and language as forms and storefronts send them."""

from standby.platform.address import typed
from standby.platform.http import malformed
from standby.platform.language_codes import OLD_CODES


def address(text: str) -> str:
    """Return an address as it can be mailed: ASCII, an international domain in its punycode form.

    Only the syntax is checked; only mailing shows whether mail arrives. Raises `Problem` 400.
    """
    # Imported only when an address is read, because compiling its patterns takes a quarter of a cold start.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        checked = validate_email(
            typed(text), allow_smtputf8=False, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError as error:
        raise malformed(f"email: {error}") from error
    if checked.ascii_email is None or "." not in checked.ascii_domain:
        raise malformed("email: the part after the @ is not a domain")
    return checked.ascii_email


def language(locale: str | None) -> str:
    """Return a locale's language, the unit in which mails are written; ``""`` for none."""
    code = (locale or "").replace("_", "-").partition("-")[0].lower()
    return OLD_CODES.get(code, code)


def accepted_language(header: str | None) -> str:
    """Return the language that a browser asks for first; ``""`` for none."""
    first = (header or "").partition(",")[0].partition(";")[0].strip()
    code = language(first)
    return code if code.isascii() and code.isalpha() else ""
