"""What a real shop's checkout and its customers see: django-oscar beside Standby, and as it comes.

In each shop 200 customers stand before the last page of the checkout, and all open and send it at once. Then, in the
one with Standby, 1,000 wait for a book of which ten come.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from infra.local.client import Client, awaited, awaited_calm
from infra.local.emulator import free_port
from infra.local.replay import in_parallel
from tests.bookshop import Bookshop, Customer, bookshop

CUSTOMERS, UNITS, BOOK = 200, 50, "BOOK-FOXES"
WAITING, CAME, BACK = 1_000, 10, "BOOK-LEMONS"
THREADS = 8
GETTING_READY = 4
CALM = timedelta(seconds=15)
SECONDS = 300


def bookshops(client: Client, outputs: Path, say: Callable[[str], None]) -> None:
    """Let both crowds come; exactly as many orders and mails as there are units."""
    with tempfile.TemporaryDirectory() as folder:
        with bookshop(
            Path(folder) / "bare", port=free_port(0), outputs=None, settings="bookshop.bare", threads=THREADS
        ) as shop:
            say(f"django-oscar as it comes: {_rush(shop)}")
        with bookshop(Path(folder) / "standby", port=free_port(0), outputs=outputs, threads=THREADS) as shop:
            awaited(lambda: client.sellable(BACK) == 0, what="the catalogue at Standby", seconds=SECONDS)
            shop.stocked(BOOK, UNITS)
            awaited(lambda: client.sellable(BOOK) == UNITS, what=f"{BOOK} at Standby", seconds=SECONDS)
            say(f"with Standby:             {_rush(shop)}")
            sold = _sold(shop)
            assert sold == UNITS, f"{sold} orders for {UNITS} units"
            _agrees(client, shop)
            _told(client, shop, say)


def _rush(shop: Bookshop) -> str:
    """Let all customers order at once, and say what came of it."""
    shop.stocked(BOOK, UNITS)
    customers = [Customer(shop, f"reader-{number:03}@example.com") for number in range(CUSTOMERS)]
    with ThreadPoolExecutor(GETTING_READY) as pool:
        list(pool.map(lambda customer: customer.goes_to_the_checkout(BOOK), customers))
    began = time.monotonic()
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        bought = sum(pool.map(Customer.orders, customers))
    seconds = time.monotonic() - began
    assert bought == _sold(shop), f"{bought} were thanked for {_sold(shop)} orders"
    return f"{CUSTOMERS} customers at once, {UNITS} units: {_sold(shop)} orders in {seconds:.1f} s"


def _sold(shop: Bookshop) -> int:
    """Return how many units were sold, which the shop counts as orders and as stock that orders have."""
    allocated = shop.count("SELECT num_allocated FROM partner_stockrecord WHERE partner_sku = ?", BOOK)
    assert allocated == shop.count("SELECT count(*) FROM order_order")
    return allocated


def _agrees(client: Client, shop: Bookshop) -> None:
    """Wait until Standby's numbers are the shop's: all is committed, nothing held any more, nothing left."""

    def numbers() -> tuple[int, ...]:
        found = client.stock(BOOK) or {}
        return tuple(found.get(name, -1) for name in ("on_hand", "committed", "held", "owed", "sellable"))

    awaited(
        lambda: numbers() == (UNITS, UNITS, 0, 0, 0), what=f"all of {BOOK} sold, as Standby has it", seconds=SECONDS
    )
    assert shop.count("SELECT count(*) FROM care_outboxmessage") == 0


def _told(client: Client, shop: Bookshop, say: Callable[[str], None]) -> None:
    """Let ten books come for a thousand who wait: ten are told."""
    people = [f"waits-{number:04}@example.org" for number in range(WAITING)]
    in_parallel(lambda email: client.enter(email, BACK), people)
    before = client.sent()
    began = time.monotonic()
    shop.stocked(BACK, CAME)
    awaited(lambda: client.sent() - before >= CAME, what=f"{CAME} mails", seconds=SECONDS)
    seconds = time.monotonic() - began
    awaited_calm(client.sent, calm=CALM, what="mails", seconds=SECONDS)
    told = Counter(mail.to for mail in client.mails(before))
    say(f"{WAITING:,} waiting, {CAME} units: {len(told)} told, {seconds:.1f} s after the stock record changed")
    assert set(told) <= set(people)
    assert len(told) == told.total() == CAME, told
