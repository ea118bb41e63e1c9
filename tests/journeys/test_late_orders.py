"""An order comes later than promised: its customer hears it once for each new day, before they ask."""

import secrets
from datetime import timedelta

import pytest

from infra.local.client import Client, awaited
from infra.local.shop_clock import MovingClock

pytestmark = pytest.mark.local_aws


def test_a_later_day_is_told_at_once_and_a_day_that_is_over_by_the_sweep(
    client: Client, clock: MovingClock, sku: str
) -> None:
    name = secrets.token_hex(4)
    moved, overdue, in_time = (f"{what}.{name}@example.com" for what in ("moved", "overdue", "in-time"))
    began = client.sent()
    until = client.order(f"M-{name}", moved, sku, days=1, locale="he")
    for what, email in (("O", overdue), ("T", in_time)):
        client.order(f"{what}-{name}", email, sku, days=1)
    for _ in range(2):
        client.says("order.eta", f"M-{name}", eta=(until + timedelta(days=400)).isoformat(), cause="customs")
    (mail,) = awaited(lambda: client.mails(began, to=moved), what="a mail about the later day")
    text = client.text(mail)
    assert "השחרור מהמכס" in text
    assert "/v1/track/" in text
    client.says("order.delivered", f"T-{name}", occurred_at=client.now().isoformat())
    awaited(lambda: client.waiting_in("OrderUpdates") == 0, what="what the ERP said")

    clock.advance(days=2)
    for _ in range(2):
        client.send("DeliveryRecords", [{"sweep": "due"}])
    (mail,) = awaited(lambda: client.mails(began, to=overdue), what="a mail about the day that is over")
    assert mail.subject.startswith("Not with you yet")
    awaited(lambda: client.waiting_in("DeliveryRecords") == 0, what="the sweep")
    assert [len(client.mails(began, to=email)) for email in (moved, overdue, in_time)] == [1, 1, 0]
