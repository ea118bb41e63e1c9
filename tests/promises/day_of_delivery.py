"""What the ERP says of orders in a broad day (`tests.promises.killing.days`)."""

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.standby.delivery.track import Customer
from tests.standby.delivery.words import placed, said

MAILED = 620
"""More than an hour's pace (`tests.world`)."""


def everything_happens(shop: Shop) -> None:
    """Orders come by HTTP, in a batch that is split, after what became of them; one message is poison."""
    world = shop.world
    order = placed("D-1", "CUP", "MUG", shipments={"S-1": ["CUP"]})
    status, answer = world.request("delivery_api", "POST", "/v1/messages/orders", body=order, scopes="erp")
    assert status == 202, answer
    world.send("OrderUpdates", said("shipped", "D-1", minute=1, shipment_id="S-1"))
    many = [placed(f"D-2-{number}", "JUG") for number in range(30)]
    world.send("OrderUpdates", {"type": "batch", "messages": many})
    world.send("OrderUpdates", {"type": "order.placed"})
    world.settle()
    told = [
        (name, [line["sku"] for line in event["lines"]]) for name, event in world.events if name.startswith("Order")
    ]
    assert told.count(("OrderPlaced", ["JUG"])) == len(many)
    assert ("OrderShipped", ["CUP"]) in told
    assert world.bodies("DeliveryDeadLetters")[-1] == '{"type": "order.placed"}'
    orders_are_late(Parcels(shop))
    somebody_asks(shop)
    a_customer_chooses(Customer(shop))


def a_customer_chooses(customer: Customer) -> None:
    """Somebody whose order is late looks, waits, cancels it by the mailed code, and withdraws."""
    customer.places("D-5", until=2, email="eve@example.org", skus=("CUP", "MUG"))
    customer.tells("eta", "D-5", eta=customer.day(5), shipment_id="A")
    token = customer.link("eve@example.org")
    assert "Your order is late" in customer.sees(token, page=True)
    assert customer.waits(customer.day(5), token=token)[0] == 200
    assert customer.does("cancel", token=token)[0] == 202
    assert customer.does("cancel", {"code": customer.codes("eve@example.org")[-1]}, token=token)[0] == 200
    assert customer.does("withdraw", {"confirm": True}, token=token)[0] == 200
    assert [event["reason"] for event in customer.heard("CancellationRequested")][-2:] == ["customer", "withdrawal"]
    assert len(customer.mailed("Your withdrawal")) == 1


def somebody_asks(shop: Shop) -> None:
    """An operator looks up the order that is expected later, and why its customer was told; an incident passes."""
    said = {"cause": "weather", "since": "2026-05-01"}
    assert shop.world.request("delivery_api", "PUT", "/v1/incidents/storm", body=said, scopes="ops")[0] == 200
    assert shop.world.request("delivery_api", "POST", "/v1/incidents/storm/end", scopes="ops")[0] == 200
    for path, what in (("/v1/deliveries/D-3", "shipments"), ("/v1/deliveries/D-3/why", "steps")):
        status, answer = shop.world.request("delivery_api", "GET", path, scopes="ops")
        assert (status, answer[what] != []) == (200, True), answer


def orders_are_late(parcels: Parcels) -> None:
    """One is expected later, of the others the day is over: more than a page; one page is poison."""
    world = parcels.shop.world
    parcels.places("D-3", until=2)
    parcels.tells("eta", "D-3", eta=parcels.day(4))
    for number in range(900):
        reached = {"customer": {"email": f"bo-{number}@example.org"}} if number < MAILED else {}
        parcels.says("placed", f"D-4-{number}", **parcels.order(2), **reached)
    world.send("DeliveryRecords", {"sweep": "due", "shard": "none"})
    world.settle()
    parcels.days_pass(3)
    for _ in range(6):  # more are late than the pace allows: the others wait an hour
        world.clock.advance(minutes=15)
        parcels.looks()
        world.wait(minutes=2)
    assert len({email for email, _ in parcels.told() if email.startswith("bo-")}) == MAILED
    late = [delay["order_id"] for delay in parcels.delays() if delay["order_id"].startswith(("D-3", "D-4"))]
    assert len(late) == 901
    assert "ana@example.org" in [email for email, subject in parcels.told() if "Later than we told you" in subject]
