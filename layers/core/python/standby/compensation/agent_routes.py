"""What people do by hand about remedies (design §5.2): grant, record what was given elsewhere, approve and deny."""

import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, cast

from standby.compensation.showing import Keys, granted_shown, remedies_shown
from standby.platform.clock import Clock
from standby.platform.http import (
    Handler,
    Problem,
    Resolver,
    caller_id,
    checked_body,
    idempotency_key,
    key_holder,
    malformed,
    query_value,
)

if TYPE_CHECKING:
    from standby.compensation.agents import Agents
    from standby.compensation.answers import ApprovalsShown, RemediesShown, RemedyShown
    from standby.compensation.model import Grant

FEATURE, OPS = "standby.compensation", "ops"
PLACE = r"[0-9TZ:.-]{20,30}#g[0-9a-f]{24}"
BY_ORDER = {"order_id": "the order's id, percent-encoded"}
UNDECIDED = {404: "there is no such remedy", 409: "decided-already: it does not wait for approval any more"}


class Book(Protocol):
    """Where it is kept what was granted, and what waits for approval."""

    def awaiting(self, after: str | None) -> "tuple[list[tuple[str, Grant]], str | None]":
        """Return a page of what waits, each with its order, and where the next page starts."""
        ...


class Desk(Protocol):
    """The use cases behind the routes."""

    @property
    def agents(self) -> "Callable[[], Agents]":
        """Load what grants by hand."""
        ...

    @property
    def book(self) -> Book:
        """Return where it is kept."""
        ...

    @property
    def keys(self) -> Keys:
        """Return the keys of codes."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock."""
        ...


def add_agent_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    """Add the routes."""

    @app.operation(
        "POST /v1/deliveries/<order_id>/remedies",
        "Grant a remedy by hand, or record one that was given in another way, under the same caps and budget",
        {
            201: "granted, as far as a cap leaves it; the same request again is answered the same",
            400: "malformed, or without an `Idempotency-Key`",
            404: "no such order is known",
            409: "it is not granted; the type says why, as `why` of a refusal does: budget, cap, granted-already, …",
            422: "the `Idempotency-Key` was used for another request",
        },
        body="remedy.give",
        parameters=BY_ORDER,
        headers={"Idempotency-Key": "the same for each repetition of one request"},
        scope=OPS,
    )
    @_understood
    def give_remedy(order_id: str) -> "RemedyShown":
        from standby.compensation.agents import Gift  # noqa: PLC0415 - people seldom grant by hand

        key = idempotency_key(app)
        if key is None:
            raise malformed("Idempotency-Key: missing")
        body = checked_body(app, FEATURE, "remedy.give")
        _sound(body)
        gift = Gift.of(body, holder=key_holder(app), caller=caller_id(app), key=key)
        return granted_shown(desk().agents().give(order_id, gift)[1], desk().keys)

    @app.operation(
        "GET /v1/approvals",
        "Show which remedies wait for approval, the oldest first",
        {200: "a page; `next` leads on", 400: "malformed"},
        parameters={"after": "`next` of the page before"},
        scope=OPS,
    )
    def show_approvals() -> "ApprovalsShown":
        after = query_value(app, "after")
        if after is not None and not re.fullmatch(PLACE, after):
            raise malformed("after: not a cursor of this list")
        found, following = desk().book.awaiting(after)
        items = [{"order_id": order_id, "remedy": granted_shown(grant, desk().keys)} for order_id, grant in found]
        return {"items": items, "next": following}  # type: ignore[typeddict-item] # such are they

    @app.operation(
        "POST /v1/deliveries/<order_id>/remedies/approve",
        "Approve a remedy that waits for it: its customer is told then; the same again changes nothing",
        {200: "what is known", **UNDECIDED},
        body="remedy.decide",
        parameters=BY_ORDER,
        scope=OPS,
    )
    @_understood
    def approve_remedy(order_id: str) -> "RemediesShown":
        return _decided(order_id, "approved")

    @app.operation(
        "POST /v1/deliveries/<order_id>/remedies/deny",
        "Deny a remedy that waits for approval: nobody hears of it; the same again changes nothing",
        {200: "what is known", **UNDECIDED},
        body="remedy.decide",
        parameters=BY_ORDER,
        scope=OPS,
    )
    @_understood
    def deny_remedy(order_id: str) -> "RemediesShown":
        return _decided(order_id, "denied")

    def _decided(order_id: str, decision: str) -> "RemediesShown":
        said = checked_body(app, FEATURE, "remedy.decide")
        known = desk().agents().decide(order_id, said["remedy_id"], decision, key_holder(app))
        return remedies_shown(known, desk().keys)


def _sound(body: dict[str, Any]) -> None:
    """Check what no schema says. Raises `Problem`."""
    from standby.compensation.reading import unsound_remedy  # noqa: PLC0415 - people seldom grant by hand

    wrong = [*unsound_remedy(body["remedy"], "remedy")] if body.get("remedy") else []
    if all(body.get(name) is None for name in ("rule", "remedy", "elsewhere")):
        wrong.append("one of rule, remedy and elsewhere: missing")
    if wrong:
        raise malformed(*wrong)


def _understood(handler: Handler) -> Handler:
    """Answer with a problem what is refused."""

    @wraps(handler)
    def understanding(*values: Any, **named: Any) -> Any:  # noqa: ANN401 - as the handler
        from standby.compensation.agents import (  # noqa: PLC0415 - people seldom grant by hand
            NO_REMEDY,
            WORDS,
            RefusedError,
            ReusedError,
        )
        from standby.compensation.policy_model import UNKNOWN_ORDER  # noqa: PLC0415 - as above

        try:
            return handler(*values, **named)
        except RefusedError as error:
            status = 404 if error.why in (NO_REMEDY, UNKNOWN_ORDER) else 409
            raise Problem(status, error.why.replace("_", "-"), WORDS[error.why]) from error
        except ReusedError as error:
            raise Problem(422, "idempotency-key-reused", "this Idempotency-Key was used for another request") from error

    return cast("Handler", understanding)
