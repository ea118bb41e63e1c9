"""Mail's HTTP routes, for operators."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.mail.suppressions import Suppressions
from standby.platform.address import typed
from standby.platform.http import Problem, Resolver, caller, checked_body, resolver

if TYPE_CHECKING:
    from standby.mail.answers import AddressShown

MALFORMED = {400: "malformed"}


def application(suppressions: Callable[[], Suppressions]) -> Resolver:
    """Return the resolver of ``mail_api``; ``suppressions`` is called when the first request needs it."""
    app = resolver()

    @app.operation(
        "POST /v1/mail/suppressions/look-up",
        "Show whether an address is suppressed, why, and who lifted that before",
        {200: "what stops mail to the address", **MALFORMED},
        body="mail.address",
        scope="ops",
    )
    def look_up() -> "AddressShown":
        return suppressions().look_up(_address(app))

    @app.operation(
        "POST /v1/mail/suppressions/lift",
        "Let an address be mailed again; entries that ended stay ended, and SES's own list is not touched",
        {200: "what stops mail to the address now", **MALFORMED},
        body="mail.address",
        scope="ops",
    )
    def lift() -> "AddressShown":
        return suppressions().lift(_address(app), caller(app))

    return app


def _address(app: Resolver) -> str:
    """Return the address of a request as mails are sent to it: an international domain in punycode."""
    body = checked_body(app, "standby.mail", "mail.address")
    # Imported only when an address is read, because compiling its patterns takes a quarter of a cold start.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        checked = validate_email(typed(body["email"]), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise Problem(400, "malformed", f"email: {error}", more={"errors": [f"email: {error}"]}) from error
    return checked.ascii_email or checked.normalized
