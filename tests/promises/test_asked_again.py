"""Promises 2, 3 and 8 for customers who ask again: for the same, for something else, with another consent."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.shop import CONSENT, Shop

ANA = "ana@example.org"


def brings(shop: Shop, *skus: str, at: str, **more: Any) -> None:
    """Let the shop bring Ana's consent of some moment."""
    shop.world.clock.advance(seconds=1)
    consent = {**CONSENT, "at": at, "source": "account", **more.pop("consent", {})}
    shop.waits(ANA, *skus, **{"consent": consent, **more})
    shop.world.settle()


@pytest.mark.promise("P3")
@pytest.mark.parametrize("again", ["brought", "confirmed"])
def test_a_consent_older_than_the_last_mail_brings_no_second_mail_about_a_restock(shop: Shop, again: str) -> None:
    """A brought consent has its place at its own moment, which may lie before the place that told last time."""
    old = to_text(shop.world.clock.now() - timedelta(days=30))
    shop.counts("A", 0)
    shop.joins(ANA, "A")
    shop.confirms(ANA)
    shop.counts("A", 1)
    shop.counts("A", 0)
    shop.world.wait(minutes=5)
    brings(shop, "A", at=old, quantity=1)
    shop.counts("A", 5)
    shop.world.wait(minutes=2)
    assert shop.told() == {ANA: 2}

    if again == "brought":
        brings(shop, "A", at=old, quantity=2)
    else:
        shop.joins(ANA, "A")
        assert shop.confirms(ANA) == 200
    for _ in range(3):
        shop.world.wait(minutes=31)

    assert shop.told() == {ANA: 2}
    assert shop.figures("A")["waiting"] == 1
