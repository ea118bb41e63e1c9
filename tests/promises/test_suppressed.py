"""Promises 2 and 8 for addresses that Mail stopped for: whoever brings their consents hears of it at once."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.shop import CONSENT, OPS, Shop

pytestmark = pytest.mark.promise("P2", "P8")

ANA = "ana@example.org"
STOPS = {
    "bounced": ("Email Bounced", "bounce", "bouncedRecipients", {"bounceType": "Permanent"}),
    "complained": ("Email Complaint Received", "complaint", "complainedRecipients", {}),
}


def ses_says(shop: Shop, stop: str) -> None:
    """Let SES say that a mail to Ana bounced, or that she complained."""
    kind, about, recipients, more = STOPS[stop]
    said = {"feedbackId": "f-1", "timestamp": to_text(shop.world.clock.now()), **more}
    detail = {about: {**said, recipients: [{"emailAddress": ANA}]}}
    shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": kind, "detail": detail})
    shop.world.settle()
    shop.world.clock.advance(minutes=1)


def brings(shop: Shop, *, days_old: int = 0) -> tuple[int, str | None]:
    """Bring Ana's consent of some days ago; return the status and the type of the problem."""
    at = to_text(shop.world.clock.now() - timedelta(days=days_old))
    body = {"email": ANA, "skus": ["A"], "consent": {**CONSENT, "at": at, "source": "account"}}
    answer: tuple[int, Any] = shop.world.request(
        "waitlist_api", "POST", "/v1/waitlist/entries", body=body, scopes="storefront"
    )
    shop.world.settle()
    return answer[0], answer[1].get("type")


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("waits", [True, False])
def test_whoever_is_accepted_is_told_and_whoever_is_not_is_refused_at_once(
    shop: Shop, stop: str, *, waits: bool
) -> None:
    shop.counts("A", 0)
    if waits:
        assert brings(shop, days_old=30) == (202, None)
    ses_says(shop, stop)
    refused = (409, "/problems/suppressed")
    assert [brings(shop, days_old=30), brings(shop)] == [refused, refused]

    lift = shop.world.request("mail_api", "POST", "/v1/mail/suppressions/lift", body={"email": ANA}, scopes=OPS)
    assert lift[0] == 200
    shop.world.settle()
    shop.world.clock.advance(minutes=1)
    assert brings(shop, days_old=30) == refused
    assert brings(shop) == (202, None)
    shop.counts("A", 5)
    shop.world.wait(minutes=2)

    assert shop.told() == {ANA: 1}
    assert shop.figures("A")["told"] == 1
