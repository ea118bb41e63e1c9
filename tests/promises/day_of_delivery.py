"""What the ERP says of orders in a broad day (`tests.promises.killing.days`)."""

from tests.promises.shop import Shop
from tests.standby.delivery.words import placed, said


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
