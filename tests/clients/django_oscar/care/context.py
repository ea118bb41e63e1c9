"""What every template knows of Standby."""

from django.conf import settings
from django.http import HttpRequest


def standby(_request: HttpRequest) -> dict[str, str]:
    """Return where Standby's script is; without it, pages are as they are."""
    script = f"{settings.STANDBY_API}/v1/storefront/standby.js" if settings.STANDBY_API else ""
    return {"standby_script": script, "standby_mailbox": settings.STANDBY_MAILBOX}
