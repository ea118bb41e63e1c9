"""What the shop does when things go wrong, with a Standby that is made up: ``manage.py test --pattern spec.py``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unittest import mock

import httpx
from bookshop import goods
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client, TestCase
from oscar.core.loading import get_class, get_model

from care import api, telling
from care.models import OutboxMessage
from care.relay import MOST_AT_ONCE, Relay, Sent
from care.vouchers import mirrored

StockRecord, Order = get_model("partner", "StockRecord"), get_model("order", "Order")
Product, Basket = get_model("catalogue", "Product"), get_model("basket", "Basket")
OrderNumberGenerator = get_class("order.utils", "OrderNumberGenerator")
HERE, SOLD_OUT = "BOOK-FOXES", "BOOK-LEMONS"
CODE = "ABCD-2345"
ADDRESS = {
    "first_name": "Ana",
    "last_name": "Berg",
    "line1": "Harbour Street 1",
    "line4": "Kiel",
    "postcode": "24103",
    "country": "DE",
}
VOUCHER = {
    "status": "granted",
    "kind": "percent_off",
    "percent": 15,
    "amount": {"amount": 500, "currency": "EUR"},
    "minimum": None,
    "combinable": True,
    "expires_at": "2999-01-01T00:00:00Z",
}


@dataclass
class FakeStandby:
    """Says yes, but for what a test wants refused: the last word of a path, and the problem."""

    refuses: dict[str, str] = field(default_factory=dict)
    down: bool = False
    asked: list[str] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    """The ids of reservations, by ``Idempotency-Key``."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if self.down:
            raise httpx.ConnectError("nobody is there")
        path = request.url.path
        last = path.rpartition("/")[2]
        self.asked.append(f"{request.method} {path}")
        if problem := self.refuses.get(last):
            return httpx.Response(409, json={"type": f"/problems/{problem}", "detail": problem})
        if last == "availability":
            return httpx.Response(200, json={"items": [{"actions": ["wait"]}]})
        if last == "reservations":
            return httpx.Response(201, json=self._reserved(request))
        if last == "redeem":
            total = json.loads(request.content)["order_total"]["amount"]
            return httpx.Response(200, json={"value": {"amount": min(500, total * 15 // 100), "currency": "EUR"}})
        return httpx.Response(200, json=VOUCHER)

    def _reserved(self, request: httpx.Request) -> dict[str, Any]:
        key = request.headers["Idempotency-Key"]
        known = self.made.setdefault(key, f"r{len(self.made) + 1}")
        said = json.loads(request.content)
        return {"id": known, "kind": said["kind"], "status": "held", "expires_at": "2999-01-01T00:15:00Z"} | {
            "promised_until": None
        }

    def posts(self) -> list[str]:
        """Return the paths of what was posted."""
        return ["/".join(each.split("/")[2:]) for each in self.asked if each.startswith("POST")]


class ShopCase(TestCase):
    """A shop with its goods, a Standby and a customer."""

    @classmethod
    def setUpTestData(cls) -> None:
        """Put the goods on the shelf, and take it as told."""
        with mock.patch.object(goods, "cover", _blank):
            goods.put_on_the_shelf()
        OutboxMessage.objects.all().delete()

    def setUp(self) -> None:
        """Begin with a Standby that says yes."""
        self.standby = FakeStandby()
        cache.clear()
        made_up = httpx.Client(base_url="http://standby", transport=httpx.MockTransport(self.standby.answer))
        for patched in (
            mock.patch.object(api, "client", return_value=made_up),
            mock.patch.object(api, "PAUSE_SECONDS", 0),
        ):
            patched.start()
            self.addCleanup(patched.stop)
        self.customer = Client(headers={"host": "127.0.0.1"})

    def goes_to_the_checkout(self, email: str = "ana@example.com", code: str = "") -> None:
        """Put a book into the basket, and say who and where one is."""
        book = StockRecord.objects.get(partner_sku=HERE).product_id
        self.customer.post(f"/basket/add/{book}/", {"quantity": 1})
        if code:
            self.customer.post("/basket/vouchers/add/", {"code": code})
        self.customer.post("/checkout/", {"username": email, "options": "anonymous"})
        self.customer.post("/checkout/shipping-address/", ADDRESS)
        self.customer.get("/checkout/shipping-method/")

    def orders(self) -> str:
        """Press the last page's button, and return the page that comes."""
        answer = self.customer.post("/checkout/preview/", {"action": "place_order"}, follow=True)
        page: str = answer.content.decode()
        return page


class CheckoutCase(ShopCase):
    """What is refused gives back what came before it."""

    def test_an_order_is_told_with_what_was_held_for_it_and_the_codes_that_it_took(self) -> None:
        self.goes_to_the_checkout(code=CODE)
        self.orders()
        order = Order.objects.get()
        told = OutboxMessage.objects.get(queue=OutboxMessage.ORDERS).body
        assert (told["order_id"], told["reservation_ids"]) == (order.number, ["r1"])
        assert told["discount_codes"] == [CODE.replace("-", "")]
        assert str(order.total_incl_tax) == "11.90"  # 15 % off 14.00, as Standby reckons it
        assert self.standby.posts() == ["reservations", "vouchers/ABCD2345/redeem", "reservations/r1/confirm"]

    def test_a_declined_payment_gives_the_code_back_and_keeps_the_units_for_another_try(self) -> None:
        self.goes_to_the_checkout("declined@example.com", CODE)
        self.orders()
        assert not Order.objects.exists()
        assert self.standby.posts()[1:] == ["vouchers/ABCD2345/redeem", "vouchers/ABCD2345/release"]

    def test_a_hold_that_ended_while_its_customer_paid_gives_everything_back(self) -> None:
        self.goes_to_the_checkout(code=CODE)
        self.standby.refuses["confirm"] = "expired"
        assert "Somebody else was faster" in self.orders()
        assert not Order.objects.exists()
        assert self.standby.posts()[3:] == ["vouchers/ABCD2345/release", "reservations/r1/cancel"]

    def test_an_order_that_cannot_be_written_gives_everything_back_and_is_not_told(self) -> None:
        self.goes_to_the_checkout(code=CODE)
        with mock.patch.object(telling, "placed", side_effect=DatabaseError):
            self.orders()
        assert not Order.objects.exists()
        assert not OutboxMessage.objects.filter(queue=OutboxMessage.ORDERS).exists()
        assert StockRecord.objects.get(partner_sku=HERE).num_allocated is None
        assert self.standby.posts()[3:] == ["vouchers/ABCD2345/release", "reservations/r1/cancel"]

    def test_a_button_that_is_pressed_twice_leaves_the_order_its_units_and_its_code(self) -> None:
        self.goes_to_the_checkout(code=CODE)
        basket = Basket.objects.get(status=Basket.OPEN)
        totals = {"total_incl_tax": 1, "total_excl_tax": 1}
        Order.objects.create(number=OrderNumberGenerator().order_number(basket), **totals)  # by the first press
        self.orders()
        assert self.standby.posts()[3:] == []

    def test_a_code_that_standby_refuses_takes_no_money(self) -> None:
        self.goes_to_the_checkout(code=CODE)
        self.standby.refuses["redeem"] = "voucher-redeemed"
        assert "Your voucher is not taken" in self.orders()
        assert "reservations/r1/confirm" not in self.standby.posts()

    def test_what_somebody_else_holds_leads_back_to_the_basket(self) -> None:
        self.goes_to_the_checkout()
        self.standby.refuses["reservations"] = "sold-out"
        assert "Somebody else was faster" in self.orders()
        assert not Order.objects.exists()

    def test_a_changed_basket_gives_back_what_was_held_for_the_old_one(self) -> None:
        self.goes_to_the_checkout()
        self.customer.get("/checkout/preview/")
        self.customer.get("/checkout/preview/")
        self.goes_to_the_checkout()
        self.customer.get("/checkout/preview/")
        again = ["reservations", "reservations", "reservations/r1/cancel", "reservations"]
        assert self.standby.posts() == again

    def test_a_hold_that_ended_is_held_anew(self) -> None:
        self.goes_to_the_checkout()
        self.customer.get("/checkout/preview/")
        self.standby.refuses["reservations"] = "expired"
        self.customer.get("/checkout/preview/")
        self.standby.refuses.clear()
        assert "Order 10" in self.orders()
        assert list(self.standby.made.values()) == ["r1", "r2"]

    def test_without_an_answer_pages_stand_and_the_checkout_asks_for_a_minute(self) -> None:
        self.standby.down = True
        self.goes_to_the_checkout()
        assert self.customer.get(f"/p/{SOLD_OUT}", follow=True).status_code == 200
        assert "Please try again in a minute" in self.orders()
        assert not Order.objects.exists()


class TellingCase(ShopCase):
    """What Standby hears, and when."""

    def told(self) -> Sent:
        """Let the relay tell, and return what it told."""
        sent: Sent = []
        Relay(send=sent.extend).tell()
        return sent

    def test_a_level_goes_at_once_but_behind_the_orders_that_changed_it(self) -> None:
        self.goes_to_the_checkout()
        self.orders()
        StockRecord.objects.get(partner_sku=SOLD_OUT).save()
        placed, *levels = [each for each in self.told() if each[0] != OutboxMessage.CATALOG]
        assert (placed[1], placed[2]["type"]) == (0, "order.placed")
        assert {said["sku"]: (delay, said["committed"]) for _, delay, said in levels} == {
            HERE: (30, 1),
            SOLD_OUT: (0, 0),
        }
        assert {said["netted_until"] for _, _, said in levels} == {placed[2]["as_of"]}

    def test_a_sku_that_changed_often_is_told_once_as_it_is(self) -> None:
        record = StockRecord.objects.get(partner_sku=HERE)
        for units in (3, 2, 1):
            record.num_in_stock = units
            record.save()
        assert [said["on_hand"] for queue, _, said in self.told() if queue == OutboxMessage.STOCK] == [1]

    def test_no_level_is_told_before_all_orders_that_it_contains(self) -> None:
        telling.stock(HERE)
        order = {"type": "order.placed", "lines": [{"sku": HERE}]}
        rows = [OutboxMessage(queue=OutboxMessage.ORDERS, subject=str(n), body=order) for n in range(MOST_AT_ONCE + 1)]
        OutboxMessage.objects.bulk_create(rows)
        assert {queue for queue, _, _ in self.told()} == {OutboxMessage.ORDERS}
        assert [(queue, delay) for queue, delay, _ in self.told()] == [("orders", 0), ("stock", 30)]

    def test_an_order_that_is_told_again_says_the_same(self) -> None:
        OutboxMessage.objects.create(queue=OutboxMessage.ORDERS, subject="1", body={"type": "order.placed"})
        with _refused() as refused:
            Relay(send=refused).tell()
        (again,) = self.told()
        assert refused.call_args[0][0] == [again]
        assert not OutboxMessage.objects.exists()

    def test_a_product_with_editions_is_told_whole_whichever_of_them_changes(self) -> None:
        novel = StockRecord.objects.get(partner_sku=HERE).product
        novel.stockrecords.all().delete()
        novel.structure = Product.PARENT
        novel.save()
        for sku, edition in (("FOXES-HARD", "Hardcover"), ("FOXES-SOFT", "Softcover")):
            child = Product.objects.create(structure=Product.CHILD, parent=novel, title=edition)
            partner = StockRecord.objects.first().partner
            StockRecord.objects.create(
                product=child, partner=partner, partner_sku=sku, price=Decimal(9), num_in_stock=1
            )
        (said,) = [said for queue, _, said in self.told() if queue == OutboxMessage.CATALOG]
        assert (said["product_id"], said["options"]) == ("the-winter-foxes", ["Edition"])
        variants = {each["sku"]: each["options"] for each in said["variants"]}
        assert variants == {"FOXES-HARD": {"Edition": "Hardcover"}, "FOXES-SOFT": {"Edition": "Softcover"}}

    def test_what_is_not_public_any_more_is_discontinued(self) -> None:
        product = StockRecord.objects.get(partner_sku=HERE).product
        product.is_public = False
        product.save()
        assert [said["type"] for _, _, said in self.told()] == ["product.discontinued"]

    def test_what_is_deleted_or_renamed_has_no_units_and_no_page_any_more(self) -> None:
        record = StockRecord.objects.get(partner_sku=HERE)
        record.partner_sku = "FOXES"
        record.save()
        product = StockRecord.objects.get(partner_sku=SOLD_OUT).product
        product.structure = Product.PARENT
        product.save()
        Product.objects.create(structure=Product.CHILD, parent=product, title="Hardcover")
        slug = product.slug
        product.delete()
        told = [said for _, _, said in self.told()]
        levels = {said["sku"]: said["on_hand"] for said in told if said["type"] == "stock.level"}
        assert levels == {"FOXES": record.num_in_stock, HERE: 0, SOLD_OUT: 0}
        assert [said["product_id"] for said in told if said["type"] == "product.discontinued"] == [slug]

    def test_a_code_that_is_used_or_takes_nothing_off_here_is_no_voucher(self) -> None:
        for changed in (
            {"status": "redeemed"},
            {"kind": "free_shipping"},
            {"amount": {"amount": 1, "currency": "ILS"}},
        ):
            with mock.patch("care.vouchers.ask", return_value=VOUCHER | changed):
                assert mirrored("WXYZ6789", shopper="s") is None

    def test_the_shop_s_own_alerts_are_off(self) -> None:
        book = StockRecord.objects.get(partner_sku=SOLD_OUT).product_id
        assert self.customer.post(f"/accounts/alerts/create/{book}/", {"email": "a@example.com"}).status_code == 404


@contextmanager
def _refused() -> Iterator[mock.Mock]:
    """Let the queues refuse what is sent, and see that it is said."""
    refused = mock.Mock(side_effect=RuntimeError)
    try:
        yield refused
    except RuntimeError:
        return
    raise AssertionError("nobody said so")


def _blank(_book: goods.Book) -> bytes:
    """Return the smallest picture there is."""
    return bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
