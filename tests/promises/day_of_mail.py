"""What operators do about mail in a broad day in the shop (`tests.promises.killing.days`)."""

from standby.platform.clock import to_text

from tests.promises.shop import OPS, Shop

ANA = "ana@example.org"


def everything_happens(shop: Shop) -> None:
    """Look at a suppression and lift it."""
    said = {"feedbackId": "f-1", "timestamp": to_text(shop.world.clock.now()), "bounceType": "Permanent"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": ANA}]}}
    shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    shop.world.settle()
    for action in ("look-up", "lift"):
        path = f"/v1/mail/suppressions/{action}"
        status, answer = shop.world.request("mail_api", "POST", path, body={"email": ANA}, scopes=OPS)
        assert status == 200, answer
