"""What a mailed link opens, for the routes behind it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from standby.platform.http import Problem
from standby.platform.tokens import TokenError, TokenExpiredError, Tokens


def opened(tokens: Tokens, purpose: str, token: str, now: datetime) -> Mapping[str, Any]:
    """Return the subject that a link's token opens. Raises `Problem` 404 or 410."""
    try:
        return tokens.read(purpose, token, now=now)
    except TokenExpiredError as error:
        raise Problem(410, "link-expired", "the link's time is over") from error
    except TokenError as error:
        raise Problem(404, "bad-link", "the link is not one of ours") from error
