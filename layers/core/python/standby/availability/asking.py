"""What the routes of storefronts have in common: in which language they are asked, and how long an answer holds."""

from standby.availability.wording import Reader, Wording
from standby.platform.http import Resolver, malformed, query_value

FRESH_SECONDS = 5
"""How long a browser or a CDN may show a badge again without asking. Stock moves, so these are few."""
LONGEST_LOCALE = 35
LOCALE = {"locale": "the language of the labels, such as `he`; without it, the browser's (`Accept-Language`)"}


def reader(app: Resolver, wording: Wording) -> Reader:
    """Return who asks. Raises `Problem` 400."""
    locale = query_value(app, "locale")
    if locale is not None and len(locale) > LONGEST_LOCALE:
        raise malformed("locale: too long")
    return wording.reader(locale, app.current_event.headers.get("accept-language"))
