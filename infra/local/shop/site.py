"""The pages of the demo shop, by their addresses."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from infra.local.pages import PRODUCT_PAGES
from infra.local.shop import cart, goods, listing
from infra.local.shop.answers import Answer, Request
from infra.local.shop.checkout import Attempt, Checkout, WrongError
from infra.local.shop.drawings.easel import COLOURS
from infra.local.shop.panel import DELIVERED, SHOWN_SKUS, Panel
from infra.local.shop.standby import DownError, Standby
from infra.local.shop.words import Language, language

FOLDER = Path(__file__).parent
STATIC: Mapping[str, str] = {
    "shop.css": "text/css; charset=utf-8",
    "shop.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
PICTURE = re.compile(r"/pictures/([a-z]+-[a-z]+\.svg)")
PRODUCT_PICTURE = re.compile(r"/pictures/([A-Z]+)\.svg")
"""The picture of a product, in its first colour."""
ATTEMPT = re.compile(r"/(checkout|thanks)/([0-9a-f]{12})")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MINUTE, HOUR = 60, 3_600
SHOWN_BESIDE = 4
GRID_SIZES = 4
"""So many sizes stand beside one another in a table of sizes and colours."""
LANGUAGE, CART = "shop_language", "shop_cart"
NO_BADGE: Mapping[str, Any] = {"status": "", "label": "", "actions": (), "units_left": None, "back_on": None}


@dataclass(frozen=True)
class Visit:
    """One request of a visitor, in their language and with their cart."""

    request: Request
    language: Language
    cart: dict[str, int]


@dataclass(frozen=True)
class Site:
    """The shop. ``outputs`` are those of the deployment beside it."""

    standby: Standby
    outputs: Callable[[], Mapping[str, str]]

    @cached_property
    def checkout(self) -> Checkout:
        """Attempts and orders."""
        return Checkout(self.standby)

    @cached_property
    def panel(self) -> Panel:
        """The ERP's panel."""
        return Panel(self.standby, self.checkout)

    @cached_property
    def _templates(self) -> Environment:
        loader = FileSystemLoader(FOLDER / "pages")
        return Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    @property
    def api(self) -> str:
        """The origin of Standby's API."""
        parts = urlsplit(self.outputs().get("ApiUrl", ""))
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        if request.method in ("GET", "HEAD") and (found := _static(request.path)):
            return found
        cookies = request.cookies
        tongue = language(cookies.get(LANGUAGE, ""), request.headers.get("accept-language", ""))
        visit = Visit(request, tongue, cart.read(cookies.get(CART, "")))
        try:
            return self._route(visit)
        except DownError:
            return self._problem(visit, "wrong.down", HTTPStatus.SERVICE_UNAVAILABLE)

    def _route(self, visit: Visit) -> Answer:
        request, path = visit.request, visit.request.path
        if request.method == "POST":
            if not request.own(self.outputs().get("ShopUrl", "")):
                return self._problem(visit, "refused", HTTPStatus.FORBIDDEN)
            return self._post(visit)
        pages: dict[str, Callable[[Visit], Answer]] = {
            "/": self._listing,
            "/stores": self._stores,
            "/again": self._again,
            "/cart": self._cart,
            "/checkout": self._before,
            "/panel": self._panel,
            "/panel/mails.json": lambda _: Answer.data({"items": self.panel.mails()}),
        }
        if page := pages.get(path):
            return page(visit)
        if path.startswith(PRODUCT_PAGES):
            return self._product(visit, unquote(path.removeprefix(PRODUCT_PAGES)))
        if (found := ATTEMPT.fullmatch(path)) and (attempt := self.checkout.attempts.get(found[2])):
            return self._ordered(visit, attempt) if attempt.order_id else self._held(visit, attempt)
        return self._problem(visit, "missing", HTTPStatus.NOT_FOUND)

    def _post(self, visit: Visit) -> Answer:
        path, form = visit.request.path, visit.request.form
        if path == "/language":
            return Answer.to(_inside(form.get("to", "/")), **{LANGUAGE: language(form.get("language", ""), "").code})
        if path == "/cart":
            sku, units = form.get("sku", ""), _whole(form.get("units", "1"))
            units += visit.cart.get(sku, 0) if "add" in form else 0
            return Answer.to("/cart", **{CART: cart.written(cart.changed(visit.cart, sku, units))})
        if path == "/checkout":
            return self._hold(visit)
        if (found := ATTEMPT.fullmatch(path)) and (attempt := self.checkout.attempts.get(found[2])):
            return self._pay(visit, attempt)
        if path.startswith("/panel/"):
            return self._press(visit, path.removeprefix("/panel/"))
        return self._problem(visit, "missing", HTTPStatus.NOT_FOUND)

    # ------------------------------------------------------------------ looking

    def _listing(self, visit: Visit) -> Answer:
        choice = listing.Choice.of(visit.request.query)
        found = listing.chosen(choice)
        locale = visit.language.code
        badges = self.standby.badges("product_id", [product.product_id for product, _ in found], locale)
        shown = [(product, variants, badges.get(product.product_id, NO_BADGE)) for product, variants in found]
        if choice.narrow:
            skus = [variant.sku for _, variants in found for variant in variants]
            of_skus = self.standby.badges("sku", skus, locale)
            shown = [
                (product, variants, _best([of_skus[each.sku] for each in variants if each.sku in of_skus]))
                for product, variants in found
            ]
        if choice.now:
            shown = [each for each in shown if {"buy", "preorder"} & {*each[2]["actions"]}]
        if choice.narrow:
            shown.sort(key=lambda each: each[2]["status"] in ("SoldOut", "OutOfStock", "Discontinued"))
        else:
            order = self.standby.ranked([product.product_id for product, _, _ in shown])
            place = {product_id: number for number, product_id in enumerate(order)}
            shown.sort(key=lambda each: place.get(each[0].product_id, len(place)))
        return self._page(
            "listing",
            visit,
            choice=choice,
            shown=shown,
            sorts=[*listing.SORTS],
            colours=listing.colours(choice.category),
            sizes=listing.sizes(choice.category),
        )

    def _product(self, visit: Visit, name: str) -> Answer:
        product, variant = goods.by_name().get(name, (None, None))
        if product is None:
            if name and self.standby.badges("sku", [name], visit.language.code):
                # Mails of the local AWS lead here for every SKU: this one is of the shop that is tried beside.
                return Answer.to(f"{self.outputs()['ClientUrl']}{PRODUCT_PAGES}{quote(name, safe='')}")
            return self._problem(visit, "missing", HTTPStatus.NOT_FOUND)
        locale = visit.language.code
        whole = self.standby.product(product.product_id, locale) or {"variants": (), **NO_BADGE}
        badges = {each["sku"]: each for each in whole["variants"]}
        badge = badges.get(variant.sku, NO_BADGE) if variant else whole
        others = self.standby.alternatives(product.product_id, locale)
        beside = [goods.by_name()[other][0] for other in others if other in goods.by_name()]
        return self._page(
            "product",
            visit,
            product=product,
            chosen=variant or product.variants[0],
            named=variant is not None,
            badges=badges,
            badge=badge,
            beside=beside[:SHOWN_BESIDE],
            beside_badges=self.standby.badges("product_id", [each.product_id for each in beside], locale),
            grid=1 < len(product.sizes) <= GRID_SIZES and len(product.colours) > 1,
            gone=bool(badge["status"]) and not {"buy", "preorder"} & {*badge["actions"]},
            aside=visit.request.query.get("reservation", [""])[0],
            kit=[(goods.by_name()[sku], units) for sku, units in goods.components(product.product_id)],
        )

    def _again(self, visit: Visit) -> Answer:
        locale = visit.language.code
        found = [product_id for product_id in self.standby.returned(locale) if product_id in goods.by_name()]
        badges = self.standby.badges("product_id", found, locale)
        shown = [(goods.by_name()[product_id][0], badges.get(product_id, NO_BADGE)) for product_id in found]
        return self._page("again", visit, shown=shown)

    def _stores(self, visit: Visit) -> Answer:
        query = visit.request.query
        name, near = (query.get(each, [""])[0] for each in ("product", "near"))
        product = goods.by_name().get(name, (None, None))[0]
        having = self.standby.stores(product.product_id, near) if product else []
        known = {store["location_id"]: store for store in having}
        stores = [store for store in goods.stores() if not product or store["location_id"] in known]
        stores.sort(key=lambda store: [*known].index(store["location_id"]) if known else 0)
        return self._page("stores", visit, product=product, stores=stores, known=known)

    # ------------------------------------------------------------------ buying

    def _cart(self, visit: Visit, wrong: str = "", status: int = HTTPStatus.OK) -> Answer:
        try:
            lines = self.standby.checked(visit.cart.items(), visit.language.code) if visit.cart else []
        except DownError:
            lines = []
        return self._page("cart", visit, status=status, checked={line["sku"]: line for line in lines}, wrong=wrong)

    def _before(self, visit: Visit, wrong: str = "", status: int = HTTPStatus.OK) -> Answer:
        aside = visit.request.form.get("reservation", visit.request.query.get("reservation", [""])[0])
        if not visit.cart and not aside:
            return Answer.to("/cart")
        return self._page("checkout", visit, status=status, attempt=None, wrong=wrong, email="", aside=aside)

    def _hold(self, visit: Visit) -> Answer:
        email, aside = (visit.request.form.get(name, "").strip() for name in ("email", "reservation"))
        if not EMAIL.fullmatch(email):
            return self._before(visit, "wrong.email", HTTPStatus.BAD_REQUEST)
        try:
            if aside:
                attempt = self.checkout.taken(email, visit.language.code, aside)
            else:
                attempt = self.checkout.hold(email, visit.language.code, visit.cart)
        except WrongError as error:
            return self._cart(visit, str(error), HTTPStatus.CONFLICT)
        return Answer.to(f"/checkout/{attempt.number}")

    def _held(self, visit: Visit, attempt: Attempt, wrong: str = "", status: int = HTTPStatus.OK) -> Answer:
        return self._page("checkout", visit, status=status, attempt=attempt, wrong=wrong, email=attempt.email, aside="")

    def _pay(self, visit: Visit, attempt: Attempt) -> Answer:
        try:
            self.checkout.pay(attempt, visit.request.form.get("code", "").strip())
        except WrongError as error:
            return self._held(visit, attempt, str(error), HTTPStatus.CONFLICT)
        left = {sku: units for sku, units in visit.cart.items() if sku not in attempt.cart}
        return Answer.to(f"/thanks/{attempt.number}", **{CART: cart.written(left)})

    def _ordered(self, visit: Visit, attempt: Attempt) -> Answer:
        return self._page("thanks", visit, attempt=attempt, track=self.standby.tracking_page(attempt.order_id))

    # ------------------------------------------------------------------ the ERP

    def _panel(self, visit: Visit) -> Answer:
        said = visit.request.query
        return self._page(
            "panel",
            visit,
            badges=self.panel.sellable(visit.language.code),
            skus=SHOWN_SKUS,
            delivered=DELIVERED,
            orders=self.checkout.orders[:10],
            mails=self.panel.mails(),
            said=said.get("said", [""])[0],
            unknown=said.get("unknown", [""])[0],
        )

    def _press(self, visit: Visit, what: str) -> Answer:
        form = visit.request.form
        if what == "stock":
            sku, units, place = form.get("sku", "").strip(), _whole(form.get("units", "")), form.get("place", "main")
            done = self.panel.stock(sku, units, place)
            return Answer.to("/panel?" + urlencode({"said": f"{sku}: {units}"} if done else {"unknown": sku}))
        if what == "order":
            wish = cart.changed({}, form.get("sku", "").strip(), 1)
            try:
                made = self.panel.order(form.get("email", ""), visit.language.code, wish)
            except WrongError:
                return Answer.to("/panel?" + urlencode({"unknown": form.get("sku", "")}))
            return Answer.to("/panel?" + urlencode({"said": made.order_id}))
        attempt = self.checkout.attempts.get(form.get("attempt", ""))
        if attempt is None or what not in ("order.eta", "order.shipped", "order.delivered"):
            return self._problem(visit, "missing", HTTPStatus.NOT_FOUND)
        self.panel.says(attempt, what)
        return Answer.to("/panel?" + urlencode({"said": f"{what} {attempt.order_id}"}))

    # ------------------------------------------------------------------ drawing

    def _page(self, name: str, visit: Visit, *, status: int = HTTPStatus.OK, **more: object) -> Answer:
        outputs = self.outputs()
        about = {
            "l": visit.language,
            "say": visit.language.say,
            "here": visit.request.target,
            "cart": visit.cart,
            "total": cart.total(visit.cart),
            "goods": goods,
            "categories": listing.categories(),
            "standby": f"{outputs['ApiUrl']}/v1/storefront/standby.js" if "ApiUrl" in outputs else "",
            "mailbox": outputs.get("MailboxUrl", ""),
            "product_pages": PRODUCT_PAGES,
            "no_badge": NO_BADGE,
            "clock": _clock,
        }
        return Answer.page(self._templates.get_template(f"{name}.html").render(about | more), status)

    def _problem(self, visit: Visit, wrong: str, status: int) -> Answer:
        return self._page("problem", visit, status=status, wrong=wrong)


def _static(path: str) -> Answer | None:
    if path == "/static/colours.css":
        rules = "".join(f".dot-{name.lower()} {{ background: {paint}; }}\n" for name, paint in COLOURS.items())
        return Answer.file(rules.encode(), STATIC["shop.css"], MINUTE)
    name = path.removeprefix("/static/")
    if path != name and name in STATIC:
        return Answer.file((FOLDER / "static" / name).read_bytes(), STATIC[name], MINUTE)
    if (found := PRODUCT_PICTURE.fullmatch(path)) and found[1] in goods.by_name():
        path = f"/pictures/{goods.by_name()[found[1]][0].picture()}"
    if (found := PICTURE.fullmatch(path)) and (picture := FOLDER / "pictures" / found[1]).is_file():
        return Answer.file(picture.read_bytes(), STATIC["icon.svg"], HOUR)
    return None


def _best(badges: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the badge of what one would rather have."""
    order = ("InStock", "LimitedAvailability", "PreOrder", "BackOrder", "InStoreOnly", "OutOfStock", "SoldOut")
    known = [badge for badge in badges if badge["status"] in order]
    return min(known, key=lambda badge: order.index(badge["status"]), default=NO_BADGE)


def _whole(text: str) -> int:
    """Return a number that somebody wrote; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= len("1000000") else 0


def _inside(path: str) -> str:
    """Return a path of the shop's own, never an address elsewhere."""
    plain = path.isascii() and path.isprintable()
    return path if plain and path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _clock(instant: str) -> str:
    """Return an instant as a time of the day here."""
    return datetime.fromisoformat(instant).astimezone().strftime("%H:%M")
