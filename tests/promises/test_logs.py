"""No log names an address, whatever goes well or wrong (infra/RETENTION.md)."""

import logging

import pytest

from tests.promises.shop import Shop

pytestmark = pytest.mark.promise("P11")

SKU = "SHIRT-RED-M"
ANA = "ana@example.org"
QUEUES = ("MailUrgent", "MailBulk", "MailFeedback", "WaitlistPlans", "WaitlistRecords", "WaitlistSweeps")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is logged, as it is written."""
    written: list[str] = []

    def emit(handler: logging.StreamHandler[object], record: logging.LogRecord) -> None:
        written.append(handler.format(record))

    monkeypatch.setattr(logging.StreamHandler, "emit", emit)
    return written


def test_what_goes_well_and_what_is_poison_is_logged_without_addresses(shop: Shop, lines: list[str]) -> None:
    shop.counts(SKU, 0)
    shop.joins(ANA, SKU)
    shop.confirms(ANA)
    shop.waits("ben@example.org", SKU)
    shop.counts(SKU, 5)
    shop.leaves(ANA)
    poison = {"email": ANA, "recipients": [{"email": ANA}], "detail-type": "MailAccepted", "detail": {"of": ANA}}
    for queue in QUEUES:
        shop.world.send(queue, poison)
    shop.world.settle()

    said = "\n".join(lines)
    assert "set aside" in said
    assert "@example.org" not in said
