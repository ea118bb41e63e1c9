"""Signing up by a plain HTML form, for pages whose scripts do not run.

A browser sends a form of any page without asking first, as it does for JSON (CORS). So a form must come from a page of
the shop or from here, else any page could have its visitors sign somebody up. Whoever is no browser says no origin.
The answer leads to a page that is the same whatever is known of the address.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.platform.contact import language
from standby.platform.http import FORM, JSON, Page, Problem, Resolver, form_fields, malformed, page, prefers_html
from standby.platform.link import browser_language
from standby.platform.point import kept_place
from standby.platform.schema import UnfitError, reader

FEATURE = "standby.waitlist"
MULTIPART = "multipart/form-data"
UTF_8 = ("", "utf-8", "utf8")
MOST_BYTES = 10_000
ONCE = ("email", "quantity", "until", "locale", "wording", "marketing", "digest", "time_zone", "near")
"""Fields that stand in a form once. ``sku`` may stand there for each SKU, as checkboxes do."""
TEXTS = ("email", "quantity", "until", "locale", "time_zone", "near")
BOXES = ("marketing", "digest")
TICKS: Mapping[str, bool] = {
    **dict.fromkeys(("on", "yes", "true", "1"), True),
    **dict.fromkeys(("", "off", "no", "false", "0"), False),
}
"""What a box may say: a browser sends the value of one that is ticked, and nothing of another."""
MENDABLE = ("email", "quantity", "until")
"""What the customer fills in, who may so mend it; the shop's page fills in the rest."""
KINDS = {413: "400", 415: "400"}
"""Of problems that a page says nothing else about: a form that is not as it must be."""
Form = Mapping[str, Sequence[str]]


def is_posted(app: Resolver) -> bool:
    """Tell whether the request is a form of a page."""
    return _media(app)[0] in (FORM, MULTIPART)


def taken(
    app: Resolver,
    *,
    default_locale: str,
    origins: Collection[str],
    admit: Callable[[], None],
    join: Callable[[Mapping[str, Any]], None],
) -> Page:
    """Sign up whom a form names, and lead to the page that says what happens next.

    ``origins`` are those whose pages may post it. ``admit`` and ``join`` are what a sign-up as JSON goes through; the
    latter takes its body. A browser gets a page also where the form is refused, with what was typed.
    """
    form: Form = {}
    try:
        guard(app, origins)
        admit()
        form = _sent(app)
        join(_body(app, form))
    except Problem as problem:
        if not prefers_html(app):
            raise
        return _refused(_language(app, form, default_locale), form, problem)
    target = f"waitlist/asked?locale={quote(_language(app, form, default_locale))}"
    # A relative address, because the API may be served below a stage's path.
    return Response(status_code=303, headers={"Location": target}, body="")


def guard(app: Resolver, origins: Collection[str]) -> None:
    """Let a sign-up through if the page it comes from may send it, or none sent it. Raises `Problem` 403.

    Of JSON that says so a browser asks first (CORS). Anything else it sends for any page, JSON as plain text, too.
    """
    if _media(app)[0] == JSON:
        return
    origin = app.current_event.headers.get("origin")
    own = f"https://{app.current_event.raw_event['requestContext'].get('domainName', '')}"
    if origin is not None and origin not in (*origins, own):
        raise Problem(403, "other-origin", "this comes from a page that is not one of the shop's")


def _sent(app: Resolver) -> Form:
    """Return the fields. Raises `Problem` 413, 415 or 400."""
    media, charset = _media(app)
    if media != FORM:
        raise Problem(415, "form-with-files", f"a form must be sent as {FORM}, without files")
    if charset not in UTF_8:
        raise Problem(415, "other-charset", "a form must be sent in UTF-8")
    if len(app.current_event.body or "") > MOST_BYTES:
        raise Problem(413, "too-large", f"a form has at most {MOST_BYTES:,} bytes")
    return form_fields(app)


def _body(app: Resolver, form: Form) -> Mapping[str, Any]:
    """Return the body that the same sign-up would have as JSON. Raises `Problem` 400."""
    wrong = [f"{name}: stands there {len(form[name])} times" for name in ONCE if len(form.get(name, ())) > 1]
    said = {name: form[name][0].strip() for name in ONCE if form.get(name)}
    wrong += [f"{name}: must be on, or not there" for name in BOXES if said.get(name, "") not in TICKS]
    if wrong:
        raise malformed(*wrong)
    said["near"] = kept_place(said.get("near")) or ""  # a page's script fills it in: who signs up cannot mend it
    body = {
        **{name: said[name] for name in TEXTS if said.get(name)},
        "skus": list(dict.fromkeys(sku for sku in form.get("sku", ()) if sku.strip())),
        "digest": TICKS[said.get("digest", "")],
        "consent": {"wording": said.get("wording", ""), "marketing": TICKS[said.get("marketing", "")]},
    }
    try:
        read: Mapping[str, Any] = reader(FEATURE, "waitlist.join", app.ids())(body)
    except UnfitError as error:
        raise malformed(*error.wrong) from error
    return read


def _refused(locale: str, form: Form, problem: Problem) -> Page:
    """Write the page of a form that was refused. What was typed stays, where only that has to be mended.

    Boxes do not stay ticked: who ticks is the customer, on a page that says what for.
    """
    from standby.waitlist.pages import problem_page, retry_page  # noqa: PLC0415 - templates only where HTML is written

    wrong = {each.partition(":")[0] for each in problem.more.get("errors", ())}
    if not wrong or not wrong <= set(MENDABLE) or any(len(form.get(name, ())) > 1 for name in MENDABLE):
        made = page(problem_page(locale, KINDS.get(problem.status, str(problem.status))), problem.status)
        made.headers.update(problem.headers)
        return made
    typed = {name: form[name][0] for name in ONCE if form.get(name)}
    ticked = any(TICKS.get(typed.get(name, "").strip()) for name in BOXES)
    made = page(retry_page(locale, typed, skus=form.get("sku", ()), wrong=wrong, ticked=ticked), problem.status)
    made.headers["Referrer-Policy"] = "same-origin"  # without one a browser does not say where its form comes from
    return made


def _language(app: Resolver, form: Form, default_locale: str) -> str:
    said = language(form.get("locale", [""])[0].strip())
    return said if said.isascii() and said.isalpha() else browser_language(app, default_locale)


def _media(app: Resolver) -> tuple[str, str]:
    """Return the request's media type and its charset, in lower case."""
    said = app.current_event.headers.get("content-type") or ""
    kind, *parameters = (part.strip().lower() for part in said.split(";"))
    named = dict(part.split("=", 1) for part in parameters if "=" in part)
    return kind, named.get("charset", "").strip('"')
