"""The routes behind the link to what was granted for an order: its customer sees it, and chooses (design §5.2)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.compensation.choice_model import RefusedError
from standby.compensation.links import ORDER, PURPOSE
from standby.compensation.showing import own_shown
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.http import (
    PUBLIC,
    Page,
    Problem,
    Resolver,
    checked_body,
    form_fields,
    malformed,
    page,
    prefers_html,
    resolver,
)
from standby.platform.link import LINK_PROBLEMS, browser_language, opened, readable

if TYPE_CHECKING:
    from standby.compensation.answers import OwnRemediesShown
    from standby.compensation.choosing import Choosing
    from standby.compensation.model import Remedies
    from standby.compensation.ordered import Ordered
    from standby.compensation.voucher_model import Voucher
    from standby.platform.tokens import Tokens

FEATURE = "standby.compensation"
TOKEN = {"token": "the token in the mailed link, which is that of the order's page"}
GONE = "gone"
"""The problem of a link whose order ended so long ago that it is kept no more."""
BACK = {303: "back to what was granted, for the page's form"}
LONGEST_FIELD = 100
MOST_WORDS = 500
"""Characters of what a customer says beside yes or no, as the schema has it."""


class Book(Protocol):
    """Where remedies are kept. Every method raises `BusyError`."""

    def remedies(self, order_id: str) -> "Remedies":
        """Return what is known of an order."""
        ...

    def vouchers(self, codes: "list[str]") -> "Mapping[str, Voucher]":
        """Return vouchers by the hashes of their codes."""
        ...


class Orders(Protocol):
    """What customers ordered."""

    def order(self, order_id: str) -> "Ordered | None":
        """Return an order; ``None``: nothing is kept of it any more."""
        ...


@frozen(kw_only=True)
class CustomerDesk:
    """The use cases behind the link."""

    book: Book
    orders: Orders
    choosing: "Callable[[], Choosing]"
    """Loads what takes a customer's choice, for whoever does more than look."""
    tokens: "Callable[[], Tokens]"
    clock: Clock
    default_locale: str
    shop_time_zone: str


def application(desk: Callable[[], CustomerDesk]) -> Resolver:
    """Return the resolver of ``compensation_viewer``; ``desk`` is called when the first request needs it."""
    app = resolver()
    for_browsers = readable(app, FEATURE, lambda: desk().default_locale, {GONE: GONE})

    @app.operation(
        "GET /v1/remedies/<token>",
        "Show what was granted for an own late order, with its codes, and what can be chosen",
        {200: "what is known; nothing of an order that was never late", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def show_own_remedies(token: str) -> "OwnRemediesShown | Page":
        ordered = _opened(desk(), token)
        shown = _shown(desk(), ordered)
        return page(_page(app, desk(), ordered, shown, token, forms=f"{quote(token)}/")) if prefers_html(app) else shown

    @app.operation(
        "POST /v1/remedies/<token>/choose",
        "Choose one of several remedies; the same again changes nothing",
        {
            200: "what is known then; the code of what was chosen is in it",
            **BACK,
            400: "malformed",
            409: "another was chosen before, it is none of those offered, or they are offered no more; `order-over`: "
            "what was late was cancelled, or came back",
            **LINK_PROBLEMS,
        },
        body="remedy.choose",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def choose_remedy(token: str) -> "OwnRemediesShown | Page":
        ordered = _opened(desk(), token)
        said = _said(app, "remedy.choose", ("remedy_id", "kind"))
        try:
            desk().choosing().choose(ordered.order_id, said["remedy_id"], said["kind"])
        except RefusedError as error:
            if not prefers_html(app):
                raise Problem(409, error.slug, str(error)) from error
            shown = _shown(desk(), ordered)
            return page(_page(app, desk(), ordered, shown, token, forms="", wrong=error.slug), 409)
        return _answered(app, desk(), ordered, token)

    @app.operation(
        "POST /v1/remedies/<token>/feedback",
        "Say whether the shop made it right; the same again changes nothing, another answer replaces it",
        {200: "noted", **BACK, 400: "malformed", 409: "nothing was given for the order", **LINK_PROBLEMS},
        body="remedy.feedback",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def rate_remedies(token: str) -> "OwnRemediesShown | Page":
        ordered = _opened(desk(), token)
        right, words = _feedback(app)
        try:
            desk().choosing().rate(ordered.order_id, right=right, words=words)
        except RefusedError as error:
            raise Problem(409, error.slug, str(error)) from error
        return _answered(app, desk(), ordered, token)

    return app


def _feedback(app: Resolver) -> tuple[bool, str]:
    """Return what a customer says, from a form or as JSON. Raises `Problem` 400."""
    form = form_fields(app)
    if not form:
        said = checked_body(app, FEATURE, "remedy.feedback")
        return said["right"], _spaced(said.get("words") or "")
    if form.get("right") not in (["yes"], ["no"]):
        raise malformed("right: yes or no")
    words = _spaced(form.get("words", [""])[0])
    if len(words) > MOST_WORDS:
        raise malformed(f"words: longer than {MOST_WORDS} characters")
    return form["right"] == ["yes"], words


def _spaced(words: str) -> str:
    """Return words without what nobody sees, and single spaces between them."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())


def _answered(app: Resolver, at: CustomerDesk, ordered: "Ordered", token: str) -> "OwnRemediesShown | Page":
    """Answer with what is known now, or lead a browser back to its page."""
    if prefers_html(app):
        # A relative address, because the API may be served below a stage's path.
        return Response(status_code=303, headers={"Location": f"../{quote(token)}"}, body="")
    return _shown(at, ordered)


def _said(app: Resolver, schema: str, names: tuple[str, ...]) -> Mapping[str, str]:
    """Return what was sent as a form, of which unknown fields do not count, or as JSON. Raises `Problem` 400."""
    form = form_fields(app)
    if not form:
        said: Mapping[str, str] = checked_body(app, FEATURE, schema)
        return said
    found = {name: form.get(name, [""])[0] for name in names}
    wrong = [f"{name}: missing or too long" for name, text in found.items() if not 0 < len(text) <= LONGEST_FIELD]
    if wrong:
        raise malformed(*wrong)
    return found


def _opened(at: CustomerDesk, token: str) -> "Ordered":
    """Return the order that a link opens. Raises `Problem` 404 or 410."""
    subject = opened(at.tokens(), PURPOSE, token, at.clock.now())
    ordered = at.orders.order(subject[ORDER])
    if ordered is None:
        raise Problem(410, GONE, "the order was so long ago that nothing is kept of it")
    return ordered


def _shown(at: CustomerDesk, ordered: "Ordered") -> "OwnRemediesShown":
    known = at.book.remedies(ordered.order_id)
    codes = [grant.code for grant in known.grants if grant.code is not None]
    vouchers = at.book.vouchers(codes) if codes else {}
    now = to_text(at.clock.now())
    return own_shown(
        ordered.number,
        known,
        vouchers,
        lambda: at.tokens().keys,
        now=now,
        gone=lambda grant: ordered.is_gone(grant.shipment_id, grant.line_ids),
    )


def _page(
    app: Resolver,
    at: CustomerDesk,
    ordered: "Ordered",
    shown: "OwnRemediesShown",
    token: str,
    *,
    forms: str,
    wrong: str | None = None,
) -> str:
    """Write the page. ``forms`` leads to where its forms POST, from the address of the page."""
    from standby.compensation.pages import remedies_page  # noqa: PLC0415 - templates only where HTML is written

    customer = ordered.customer
    return remedies_page(
        customer.get("locale") or browser_language(app, at.default_locale),
        shown,
        zones=(customer.get("time_zone"), at.shop_time_zone),
        forms=forms,
        track=f"{'../' if forms else '../../'}track/{quote(token)}",
        wrong=wrong,
    )
