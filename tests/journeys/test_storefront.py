"""A shop's page on an origin of its own, with the elements that the deployed stack serves and answers."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.constructs.routes import OPENAPI
from infra.local.client import Client, awaited
from tests.browsing import PHONE, chromium
from tests.standby.catalog.words import upserted
from tests.standby.storefront.examples import included
from tests.standby.storefront.fake_shop import API, WATCH, document, policy, serve

pytestmark = pytest.mark.local_aws

SECONDS = 30
MILLISECONDS = SECONDS * 1_000
LISTING = """<standby-badges every="5"><p data-standby-product="{product}"><a href="/p">Kettle</a>
<b data-standby-badge></b> <button type="button" data-standby-wait hidden>E-mail me</button></p></standby-badges>
<standby-waitlist></standby-waitlist><standby-availability every="5" product="{product}"></standby-availability>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def shop(client: Client) -> Iterator[dict[str, tuple[str, str]]]:
    """Serve a shop's files, by path: media type and text, from an origin that the API lets in. ``""`` is the origin."""
    files: dict[str, tuple[str, str]] = {}
    api = client.outputs["ApiUrl"]
    headers = {"Content-Security-Policy": policy().replace(API, "{0.scheme}://{0.netloc}".format(urlsplit(api)))}

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media, text = files.get(self.path, ("text/html", ""))
            self.send_response(200)
            for name, value in {**headers, "Content-Type": f"{media}; charset=utf-8"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *said: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        files[""] = ("", origin)
        let_in(client, origin)
        yield files
        server.shutdown()


def let_in(client: Client, origin: str) -> None:
    """Allow the pages of one origin more to call the API."""
    place = client.place
    gateway = place.session.client("apigatewayv2", endpoint_url=place.endpoint)
    api_id = re.findall(r"execute-api/(\w+)/", client.outputs["ApiUrl"])[0]
    cors = gateway.get_api(ApiId=api_id)["CorsConfiguration"]
    gateway.update_api(ApiId=api_id, CorsConfiguration={**cors, "AllowOrigins": [*cors["AllowOrigins"], origin]})


def opened(page: Page, client: Client, shop: dict[str, tuple[str, str]], product: str, locale: str) -> None:
    """Open the shop's page."""
    html = document(LISTING.format(product=product), locale=locale).replace(API, client.outputs["ApiUrl"])
    shop |= {"/": ("text/html", html), "/watch.js": ("text/javascript", WATCH), "/shop.css": ("text/css", "")}
    shop["/shop.js"] = ("text/javascript", "")
    page.goto(shop[""][1])


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_guest_sees_a_badge_flip_signs_up_in_the_pop_over_and_is_told_when_it_is_back(
    client: Client, browser: Browser, shop: dict[str, tuple[str, str]], sku: str, locale: str
) -> None:
    words = {"en": ("In stock", "Sold out", "sold out"), "he": ("במלאי", "אזל מהמלאי", "אזל")}
    here, gone, missing = words[locale]
    product, medium, large = f"product-{sku}", f"{sku}-M", f"{sku}-L"
    sizes = [{"sku": name, "options": {"Size": name[-1]}} for name in (medium, large)]
    at = client.now().isoformat(timespec="milliseconds")
    said = upserted(product, options=["Size"], as_of=at) | {"variants": sizes}
    client.http.post("/v1/messages/catalog", headers=client.key, json=said).raise_for_status()
    client.level(medium, 12)
    client.level(large, 0)
    awaited(lambda: client.statuses(medium, large) == ["InStock", "SoldOut"], what="the shelf", seconds=SECONDS)

    with browser.new_context(viewport=PHONE, locale=locale) as context:
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        expect.set_options(timeout=MILLISECONDS)
        opened(page, client, shop, product, locale)
        badge, chips = page.locator("[data-standby-badge]"), page.locator("standby-availability label.chip")
        expect(badge).to_have_text(here)
        expect(chips).to_have_text(["M\u00a0", f"L{missing}"])

        client.level(medium, 0)
        expect(badge).to_have_text(gone)
        expect(chips).to_have_text([f"M{missing}", f"L{missing}"])

        email = f"{sku.lower()}@example.com"
        page.locator("p button").click()
        dialog = page.locator("standby-waitlist dialog")
        dialog.locator("[name=sku]").first.check()
        dialog.locator("[type=email]").fill(email)
        dialog.locator("[type=submit]").click()
        expect(dialog.locator("[part=next] li").first).to_contain_text(email)
        assert page.evaluate("[window.refused, window.heard.filter(([name]) => name === 'failed')]") == [[], []]

        (asking,) = awaited(lambda: client.mails(to=email), what="the confirmation", seconds=SECONDS)
        page.goto(client.link(asking, "confirm"))
        page.locator("button").click()
        awaited(lambda: client.waiting(medium)["waiting"] == 1, what="the guest in line", seconds=SECONDS)
        client.level(medium, 3)
        awaited(lambda: len(client.mails(to=email)) > 1, what="the mail that it is back", seconds=SECONDS)


@pytest.mark.parametrize("locale", ["en", "he"])
def test_who_has_no_scripts_signs_up_by_the_form_that_the_shop_s_server_wrote(
    client: Client, browser: Browser, sku: str, locale: str
) -> None:
    """The page is the guide's example for Node. A mistyped address is mended on the API's own page."""
    gone, mended, asked = {
        "en": ("Sold out", "Please look at this once more", "Look into your mailbox"),
        "he": ("אזל מהמלאי", "נא לבדוק את זה שוב", "בדקו את תיבת הדוא״ל"),
    }[locale]
    product, medium = f"product-{sku}", f"{sku}-M"
    at = client.now().isoformat(timespec="milliseconds")
    said = upserted(product, options=["Size"], as_of=at) | {"variants": [{"sku": medium, "options": {"Size": "M"}}]}
    client.http.post("/v1/messages/catalog", headers=client.key, json=said).raise_for_status()
    client.level(medium, 0)
    api, origin = client.outputs["ApiUrl"], client.outputs["ShopUrl"]
    variants = [{"sku": medium, "title": "M"}]

    def written() -> str:
        """Return the piece once it is known that the product is sold out; a cold function is too slow for the page."""
        html = included("node", api, product, locale, variants)
        return html if gone in html else ""

    html = document(awaited(written, what="the piece of HTML", seconds=SECONDS), locale=locale)
    allowing = policy().replace("form-action 'self'", "form-action {0.scheme}://{0.netloc}".format(urlsplit(api)))
    with browser.new_context(viewport=PHONE, locale=locale, java_script_enabled=False) as context:
        serve(context, origin, {"/without-scripts": ("text/html", html)}, allowing)
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(f"{origin}/without-scripts")
        expect(page.get_by_text(gone).first).to_be_visible()
        page.locator("[type=email]").fill("dana@localhost")
        page.locator("form button").click()
        expect(page.get_by_role("heading")).to_have_text(mended)
        expect(page.locator("[type=email]")).to_have_value("dana@localhost")
        email = f"{sku.lower()}@example.com"
        page.locator("[type=email]").fill(email)
        page.get_by_role("button").click()
        expect(page.get_by_role("heading")).to_have_text(asked)

        (mail,) = awaited(lambda: client.mails(to=email), what="the confirmation", seconds=SECONDS)
        page.goto(client.link(mail, "confirm"))
        page.get_by_role("button").click()
        awaited(lambda: client.waiting(medium)["waiting"] == 1, what="the guest in line", seconds=SECONDS)


def test_the_api_s_reference_is_deployed_with_all_that_it_shows(client: Client, browser: Browser) -> None:
    described = client.http.get("/v1/openapi.json")
    assert (described.status_code, described.headers["Content-Encoding"]) == (200, "gzip")
    assert described.content == OPENAPI.read_bytes()
    with browser.new_context() as context:
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{client.outputs['ApiUrl']}/v1/docs")
        page.locator("rapi-doc .nav-bar-path").first.wait_for(timeout=MILLISECONDS)
    assert [url for url in asked if not url.startswith(f"{client.outputs['ApiUrl']}/v1/")] == []
