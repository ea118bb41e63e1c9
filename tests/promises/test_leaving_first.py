"""Promise 8 for mails that lie in a queue when their customer leaves, and for who asks again."""

import pytest

from tests.promises.shop import CONSENT, Shop

pytestmark = pytest.mark.promise("P8")

ANA = "ana@example.org"


def asks(shop: Shop, sku: str) -> None:
    """Sign Ana up, and let the confirmation mail lie in its queue."""
    body = {"email": ANA, "skus": [sku], "quantity": 1, "locale": "en", "consent": CONSENT}
    assert shop.world.request("waitlist_api", "POST", "/v1/waitlist", body=body)[0] == 202
    assert shop.world.queues["MailUrgent"]


@pytest.fixture(autouse=True)
def known(shop: Shop) -> None:
    """Let the ERP name the products: nobody is mailed about others."""
    for sku in "ABC":
        shop.counts(sku, 0)


def heard(shop: Shop) -> None:
    """Let Mail hear what waits for it, and nothing else happen."""
    while shop.world.queues["MailFeedback"]:
        shop.world.deliver("MailFeedback")


def leaves(shop: Shop) -> list[str]:
    """Use the newest mail's link, with nothing following from it but what Mail hears; return that."""
    token = next(mail.link("leave") for mail in reversed(shop.world.mails) if mail.email == ANA)
    status, _ = shop.world.request("waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})
    assert status == 200
    left = [letter.body for letter in shop.world.queues["MailFeedback"]]
    assert left
    heard(shop)
    return left


def test_a_confirmation_that_was_asked_for_before_leaving_is_not_sent(shop: Shop) -> None:
    shop.joins(ANA, "A")
    shop.world.clock.advance(minutes=2)
    asks(shop, "B")
    leaves(shop)
    shop.world.settle()
    assert len(shop.world.mails) == 1


@pytest.mark.promise("P2")
@pytest.mark.parametrize("sku", ["B", "C"])
def test_one_that_was_asked_for_after_leaving_is_sent_however_often_and_late_leaving_is_heard_of(
    shop: Shop, sku: str
) -> None:
    shop.joins(ANA, "A")
    shop.world.clock.advance(minutes=2)
    asks(shop, "B")
    left = leaves(shop)
    shop.world.clock.advance(minutes=2)
    asks(shop, sku)
    for letter in left * 2:
        shop.world.send("MailFeedback", letter)
    heard(shop)
    shop.world.settle()
    assert len(shop.world.mails) == 2
    assert shop.confirms(ANA) == 200
    assert shop.figures(sku)["waiting"] == 1
