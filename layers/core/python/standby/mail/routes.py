"""Mail's HTTP routes, for operators."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.mail.suppressions import Suppressions
from standby.platform.contact import address
from standby.platform.http import Resolver, caller, checked_body, resolver

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
    return address(checked_body(app, "standby.mail", "mail.address")["email"])
