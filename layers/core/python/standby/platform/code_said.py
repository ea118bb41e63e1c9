"""The mailed code that a customer enters, for the routes that carry out with it what destroys (design, promise 11)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from standby.platform.address import visible
from standby.platform.code_model import CodeOverError, TooManyCodesError, WrongCodeError
from standby.platform.counted import counted
from standby.platform.http import Problem, Resolver, checked_body, form_fields

CODE = re.compile(r"[0-9]{6}")
WRONG, OVER, MANY = "wrong-code", "code-over", "too-many-codes"
ON_THE_PAGE = frozenset({WRONG, OVER, MANY})
"""Problems that a page says in its own words, beside its form."""


def code_said(app: Resolver, package: str, name: str) -> str | None:
    """Return the code that a request has, from a form or as JSON that fits a schema. Raises `Problem` 400.

    Of a form, which browsers and mail programs may add fields to, only the code's field counts.
    """
    form = form_fields(app)
    if "code" in form:
        said = visible(form["code"][0])
        if not CODE.fullmatch(said):
            raise Problem(409, WRONG, "it is not the code that was mailed")
        return said
    if form or not app.current_event.decoded_body:
        return None
    said_code: str | None = checked_body(app, package, name).get("code")
    return said_code


@contextmanager
def code_problems() -> Iterator[None]:
    """Raise what is wrong with a code as a `Problem` 409 or 429."""
    try:
        yield
    except WrongCodeError as error:
        raise Problem(
            409, WRONG, f"it is not the code that was mailed; {counted(error.left, 'try', 'tries')} left"
        ) from error
    except CodeOverError as error:
        raise Problem(409, OVER, "no code can be right now; ask for a new one") from error
    except TooManyCodesError as error:
        raise Problem(429, MANY, "no more codes are mailed about this today") from error
