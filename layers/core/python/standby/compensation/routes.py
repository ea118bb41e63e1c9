"""Compensation's HTTP routes (design §5.2): the policy, vouchers at the checkout, and what was granted for an order."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, cast

from standby.compensation.account_routes import Vouchers as Moved
from standby.compensation.account_routes import add_account_routes
from standby.compensation.agent_routes import add_agent_routes
from standby.compensation.choice_model import UNKNOWN
from standby.compensation.choice_model import RefusedError as ChoiceError
from standby.compensation.guessing import Guesses, shopper_of
from standby.compensation.model import Remedies
from standby.compensation.policy_routes import Book as PolicyBook
from standby.compensation.policy_routes import add_policy_routes
from standby.compensation.redeeming import OtherRequestError, Till, UnknownVoucherError, Wish
from standby.compensation.revoking import Revoking
from standby.compensation.showing import minimum_shown, remedies_shown, worth_shown
from standby.compensation.voucher_model import (
    ALONE,
    COVERED,
    CURRENCY,
    FOR_GOOD,
    MINIMUM,
    NOT_TAKEN,
    ORDER_OVER,
    OTHERS,
    OVER,
    REDEEMED,
    REQUEST_OVER,
    STANDS,
    STOOD,
    TAKEN_BACK,
    USED,
    RefusedError,
    Voucher,
)
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.http import (
    Handler,
    Problem,
    Resolver,
    caller_id,
    checked_body,
    idempotency_key,
    malformed,
    resolver,
)
from standby.platform.identifier import Ids
from standby.platform.tokens import TokenKeys

if TYPE_CHECKING:
    from standby.compensation.agents import Agents
    from standby.compensation.answers import (
        RemediesShown,
        VoucherShown,
    )
    from standby.compensation.model import Grant
    from standby.compensation.rehearsals import Beginning
    from standby.compensation.voucher_model import Booked

UNKNOWN_VOUCHER = "unknown-voucher"
FEATURE = "standby.compensation"
OPS, STOREFRONT, EITHER = "ops", "storefront", "storefront ops"
BY_CODE = {"code": "as its customer types it: upper or lower case, with or without hyphens"}
BY_ORDER = {"order_id": "the order's id, percent-encoded"}
NO_VOUCHER = {404: "there is no such voucher, or its code was mistyped"}
SHOPPER = "Shopper-Hint"
FOR_SHOPPER = {
    SHOPPER: "optional: whatever stands for the shopper, such as a session's id or a hashed address; whoever names too "
    "many codes that there are not waits, and nobody else does"
}
GUESSED = {429: "this shopper named too many codes that there are not; others may go on"}
AGAIN = {"Idempotency-Key": "the same for each repetition of one request"}
WORDS: Mapping[str, str] = {
    USED: "an order has taken it",
    OVER: "its time is over",
    TAKEN_BACK: "it was taken back",
    CURRENCY: "it is of another currency than the order",
    MINIMUM: "the order comes to less than it is for",
    ALONE: "it, or another voucher that the order has, does not go beside another",
    COVERED: "the other vouchers of the order leave nothing of what it comes to",
    ORDER_OVER: "its order was cancelled, or its payment failed",
    STANDS: "the ERP told its order, whose cancelling frees it, or something of that left",
    NOT_TAKEN: "this order does not have it",
    OTHERS: "it is for one customer alone, and nobody said that it is them who redeems",
    FOR_GOOD: "it was not granted as one that the shop may take back",
    REQUEST_OVER: "the order of this request gave it back, or asked another time since; ask with another "
    "Idempotency-Key",
}

OVER_OR_FOR_GOOD = "choice-over: it was made, or is offered no more, or not-revocable: it was offered for good"
REDEEM_WORDS = ", ".join(
    f"{slug}: {words}" for slug, words in WORDS.items() if slug not in (STANDS, NOT_TAKEN, FOR_GOOD)
)


class Book(PolicyBook, Protocol):
    """Where the policy and remedies are kept. Every method raises `BusyError`."""

    def remedies(self, order_id: str) -> Remedies:
        """Return what is known of an order."""
        ...

    def booked(self, month: str, after: str | None) -> "tuple[list[Booked], str | None]":
        """Return a page of what was granted in a month, and where the next page starts."""
        ...

    def awaiting(self, after: str | None) -> "tuple[list[tuple[str, Grant]], str | None]":
        """Return a page of what waits for approval, each with its order, and where the next page starts."""
        ...


@frozen(kw_only=True)
class Desk:
    """The use cases behind the routes."""

    book: Book
    agents: "Callable[[], Agents]"
    """Loads what grants by hand."""
    till: Till
    keys: Callable[[], TokenKeys]
    revoking: Revoking
    guesses: Guesses
    vouchers: Moved
    rehearsals: "Callable[[], Beginning]"
    """Loads what begins rehearsals."""
    make_id: Callable[[], str]
    """Makes ids that nobody guesses."""
    clock: Clock
    shop_time_zone: str


def application(desk: Callable[[], Desk], ids: Ids) -> Resolver:
    """Return the resolver of ``compensation_api``; ``desk`` is called when the first request needs it."""
    app = resolver(lambda: ids)
    add_policy_routes(app, desk)
    _add_voucher_routes(app, desk)
    add_agent_routes(app, desk)
    add_account_routes(app, desk)

    @app.operation(
        "GET /v1/deliveries/<order_id>/remedies",
        "Show what was granted for a late order, with the codes, and why not more",
        {200: "what is known; nothing of an order that was never late"},
        parameters=BY_ORDER,
        scope=EITHER,
    )
    def show_remedies(order_id: str) -> "RemediesShown":
        known = desk().book.remedies(order_id)
        return remedies_shown(known, desk().keys)

    @app.operation(
        "POST /v1/deliveries/<order_id>/remedies/revoke",
        "Take back a choice between remedies that its customer did not make yet; the same again changes nothing",
        {200: "what is known", 404: "there is no such choice", 409: OVER_OR_FOR_GOOD},
        body="remedy.revoke",
        parameters=BY_ORDER,
        scope=EITHER,
    )
    def revoke_choice(order_id: str) -> "RemediesShown":
        said = checked_body(app, FEATURE, "remedy.revoke")
        try:
            return remedies_shown(desk().revoking.revoke(order_id, said["remedy_id"]), desk().keys)
        except ChoiceError as error:
            raise Problem(404 if error.slug == UNKNOWN else 409, error.slug, str(error)) from error

    return app


def _add_voucher_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    slowed = _slowed(app, desk)

    @app.operation(
        "GET /v1/vouchers/<code>",
        "Look a voucher up",
        {200: "the voucher as it is now", **NO_VOUCHER, **GUESSED},
        parameters=BY_CODE,
        headers=FOR_SHOPPER,
        scope=EITHER,
    )
    @slowed
    @_understood
    def show_voucher(code: str) -> "VoucherShown":
        return _voucher(desk().till.show(code), desk().clock)

    @app.operation(
        "POST /v1/vouchers/<code>/redeem",
        "Let an order take a voucher, once; until it is placed it may ask again, as its cart changed",
        {
            200: "redeemed; the same request again is answered the same",
            400: "malformed, or without an `Idempotency-Key`",
            409: f"it is not taken, by its type: {REDEEM_WORDS}",
            422: "the `Idempotency-Key` was used for another request",
            **NO_VOUCHER,
            **GUESSED,
        },
        body="voucher.redeem",
        parameters=BY_CODE,
        headers={**AGAIN, **FOR_SHOPPER},
        scope=STOREFRONT,
    )
    @slowed
    @_understood
    def redeem(code: str) -> "VoucherShown":
        key = idempotency_key(app)
        if key is None:
            raise malformed("Idempotency-Key: missing")
        body = checked_body(app, FEATURE, "voucher.redeem")
        fee = body.get("delivery_fee")
        if fee is not None and fee["currency"] != body["order_total"]["currency"]:
            raise malformed("delivery_fee.currency: not that of order_total")
        return _voucher(desk().till.redeem(code, Wish.of(caller_id(app), key, body)), desk().clock)

    @app.operation(
        "POST /v1/vouchers/<code>/release",
        "Give a voucher back that an order took and is not placed with, which it does by itself after a day; again "
        "changes nothing",
        {
            200: "free, for another order or another try",
            400: "malformed",
            409: f"{STANDS}: {WORDS[STANDS]}, or {NOT_TAKEN}: {WORDS[NOT_TAKEN]}",
            **NO_VOUCHER,
            **GUESSED,
        },
        body="voucher.release",
        parameters=BY_CODE,
        headers=FOR_SHOPPER,
        scope=STOREFRONT,
    )
    @slowed
    @_understood
    def release(code: str) -> "VoucherShown":
        body = checked_body(app, FEATURE, "voucher.release")
        return _voucher(desk().till.release(code, body["order_id"]), desk().clock)

    @app.operation(
        "POST /v1/vouchers/<code>/revoke",
        "Take a voucher back; the same again changes nothing",
        {200: "revoked", 409: f"{USED}: {WORDS[USED]}, or {FOR_GOOD}: {WORDS[FOR_GOOD]}", **NO_VOUCHER, **GUESSED},
        parameters=BY_CODE,
        headers=FOR_SHOPPER,
        scope=EITHER,
    )
    @slowed
    @_understood
    def revoke(code: str) -> "VoucherShown":
        return _voucher(desk().till.revoke(code), desk().clock)


def _understood(handler: Handler) -> Handler:
    """Answer with a problem what a till refuses."""

    @wraps(handler)
    def understanding(*values: Any, **named: Any) -> Any:  # noqa: ANN401 - as the handler
        try:
            return handler(*values, **named)
        except UnknownVoucherError as error:
            raise Problem(404, UNKNOWN_VOUCHER, "there is no such voucher") from error
        except RefusedError as error:
            back = " back" if error.why == FOR_GOOD else ""
            raise Problem(409, error.why, f"the voucher is not taken{back}: {WORDS[error.why]}") from error
        except OtherRequestError as error:
            raise Problem(422, "idempotency-key-reused", "this Idempotency-Key was used for another request") from error

    return cast("Handler", understanding)


def _slowed(app: Resolver, desk: Callable[[], Desk]) -> Callable[[Handler], Handler]:
    """Return what lets whoever guesses codes wait, shopper by shopper."""

    def slowing(handler: Handler) -> Handler:
        @wraps(handler)
        def slowed(*values: Any, **named: Any) -> Any:  # noqa: ANN401 - as the handler
            hint = app.current_event.headers.get(SHOPPER.lower())
            if not hint:
                return handler(*values, **named)
            guesses, shopper = desk().guesses, shopper_of(caller_id(app), hint)
            wait = guesses.seconds_to_wait(shopper)
            if wait:
                raise Problem(429, "too-many-guesses", "too many codes that there are not", headers=_after(wait))
            try:
                return handler(*values, **named)
            except Problem as problem:
                if problem.slug == UNKNOWN_VOUCHER:
                    guesses.was_wrong(shopper)
                raise

        return cast("Handler", slowed)

    return slowing


def _after(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def _voucher(voucher: Voucher, clock: Clock) -> "VoucherShown":
    taken = None if voucher.taken_off is None else worth_shown(voucher.taken_off, voucher.currency)
    status = voucher.status(to_text(clock.now()))
    return {
        "status": REDEEMED if status == STOOD else status,  # type: ignore[typeddict-item] # one of these words
        "kind": voucher.kind,  # type: ignore[typeddict-item] # one of these words
        "amount": worth_shown(voucher.amount, voucher.currency),
        "percent": voucher.percent,
        "minimum": minimum_shown(voucher, voucher.currency),
        "combinable": voucher.combinable,
        "revocable": voucher.revocable,
        "bound": voucher.bound,
        "expires_at": voucher.expires_at,
        "ends_on": voucher.ends_on,
        "redeemed_for": voucher.redeemed_for,
        "stands": voucher.state == STOOD,
        "value": taken,
    }
