"""The shop on django-oscar (`tests/clients/django_oscar`) beside a local AWS, and its customers without a browser."""

import os
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.local.client import awaited
from infra.local.emulator import CREDENTIALS, HOST, REGION, ROOT

SOURCE = ROOT / "tests" / "clients" / "django_oscar"
PYTHON = ROOT / ".local" / "django-oscar" / "bin" / "python"
START_SECONDS = 120
UNUSED = ssl.create_default_context()
"""Made once: reading all certificates takes longer than a page of the shop."""
TOKEN = "bookshop" * 4
"""What Django compares of cookie and form; any 32 letters are one."""
ADDRESS: Mapping[str, str] = {
    "first_name": "Ana",
    "last_name": "Berg",
    "line1": "Harbour Street 1",
    "line4": "Kiel",
    "postcode": "24103",
    "country": "DE",
}


@dataclass(frozen=True)
class Bookshop:
    """A running shop. ``folder`` has its database."""

    folder: Path
    port: int
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """Its origin."""
        return f"http://{HOST}:{self.port}"

    def manage(self, *words: str) -> None:
        """Run one of Django's commands on it."""
        self._run(PYTHON, "manage.py", *words)

    def found(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return rows of its database."""
        with closing(sqlite3.connect(f"file:{self.folder / 'bookshop.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def count(self, query: str, *values: object) -> int:
        """Return the number that a query of its database finds."""
        ((found,),) = self.found(query, *values)
        return int(str(found or 0))

    def product(self, sku: str) -> int:
        """Return the id of a SKU's product."""
        return self.count("SELECT product_id FROM partner_stockrecord WHERE partner_sku = ?", sku)

    def stocked(self, sku: str, units: int) -> None:
        """Let so many lie there, as an import would write it."""
        save = f"record = StockRecord.objects.get(partner_sku={sku!r}); record.num_in_stock = {units}; record.save()"
        self.manage("shell", "-c", f"from oscar.apps.partner.models import StockRecord; {save}")

    def _run(self, *words: str | Path) -> None:
        subprocess.run(  # noqa: S603 - our own words
            [str(word) for word in words], cwd=SOURCE, env=self.environment, check=True, capture_output=True
        )


@dataclass
class Customer:
    """Somebody at the shop without a browser, who has an e-mail address and no account."""

    shop: Bookshop
    email: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.shop.address,
            timeout=300,
            cookies={"csrftoken": TOKEN},
            headers={"Referer": self.shop.address, "Connection": "close"},
            verify=UNUSED,
        )

    def send(self, path: str, **fields: object) -> httpx.Response:
        """Send a form, and follow nowhere."""
        return self.http.post(path, data={"csrfmiddlewaretoken": TOKEN, **fields})

    def goes_to_the_checkout(self, sku: str, quantity: int = 1) -> None:
        """Put a book into the basket, and say who and where one is: all but the last page."""
        self.send(f"/basket/add/{self.shop.product(sku)}/", quantity=quantity)
        self.send("/checkout/", username=self.email, options="anonymous")
        self.send("/checkout/shipping-address/", **ADDRESS)
        self.http.get("/checkout/shipping-method/")

    def takes_code(self, code: str) -> str:
        """Enter a voucher's code and return the basket's page."""
        self.send("/basket/vouchers/add/", code=code)
        return self.http.get("/basket/").text

    def orders(self) -> bool:
        """Open the last page and press its button; tell whether that was an order."""
        if self.http.get("/checkout/preview/").status_code != httpx.codes.OK:
            return False
        return self.send("/checkout/preview/", action="place_order").headers.get("Location") == "/checkout/thank-you/"


@contextmanager
def bookshop(
    folder: Path, *, port: int, outputs: Path | None, settings: str = "bookshop.quick", threads: int = 8
) -> Iterator[Bookshop]:
    """Run a new shop until the end of the block. ``outputs`` are those of the deployment beside it."""
    folder.mkdir(parents=True)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **CREDENTIALS,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "DJANGO_SETTINGS_MODULE": settings,
        "OSCAR_DATA": str(folder),
        "OSCAR_PORT": str(port),
        "STANDBY_OUTPUTS": str(outputs or folder / "nowhere.json"),
        "PYTHONUTF8": "1",
    }
    shop = Bookshop(folder, port, environment)
    with (folder / "shop.log").open("wb") as log:
        command = [str(PYTHON), "manage.py", "shop", "--threads", str(threads)]
        process = subprocess.Popen(command, cwd=SOURCE, env=environment, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own words
    try:
        awaited(lambda: _answers(shop, process), what="the bookshop answers", seconds=START_SECONDS)
        yield shop
    finally:
        process.terminate()
        process.wait()


def _answers(shop: Bookshop, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (shop.folder / "shop.log").read_text("utf-8")[-2_000:]
    try:
        return httpx.get(f"{shop.address}/catalogue/", timeout=30).is_success
    except httpx.TransportError:
        return False
