"""A shop's page on an origin of its own, with the elements that the deployed stack serves and answers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.client import Client, awaited
from tests.browsing import PHONE, chromium
from tests.standby.catalog.words import upserted
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


def opened(page: Page, client: Client, product: str, locale: str) -> None:
    """Open the shop's page. Its origin is one that the API lets in, and is not the API's own."""
    api = client.outputs["ApiUrl"]
    shop = f"http://localhost:{urlsplit(api).port}"
    assert not api.startswith(shop)
    html = document(LISTING.format(product=product), locale=locale).replace(API, api)
    files = {"/shop": ("text/html", html), "/watch.js": ("text/javascript", WATCH), "/shop.css": ("text/css", "")}
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(api))
    serve(page.context, shop, {**files, "/shop.js": ("text/javascript", "")}, policy().replace(API, origin))
    page.goto(f"{shop}/shop")


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_guest_sees_a_badge_flip_signs_up_in_the_pop_over_and_is_told_when_it_is_back(
    client: Client, browser: Browser, sku: str, locale: str
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
        opened(page, client, product, locale)
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
