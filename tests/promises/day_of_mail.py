"""What operators do about mail, and what waits, in a broad day in the shop (`tests.promises.killing.days`)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import to_text

from tests.promises.shop import OPS, Shop
from tests.world import ENVIRONMENT

ANA = "ana@example.org"


def everything_happens(shop: Shop) -> None:
    """Look at a suppression and lift it; let mails wait for an open hour."""
    said = {"feedbackId": "f-1", "timestamp": to_text(shop.world.clock.now()), "bounceType": "Permanent"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": ANA}]}}
    shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    shop.world.settle()
    for action in ("look-up", "lift"):
        path = f"/v1/mail/suppressions/{action}"
        status, answer = shop.world.request("mail_api", "POST", path, body={"email": ANA}, scopes=OPS)
        assert status == 200, answer
    mails_wait(shop)


def mails_wait(shop: Shop) -> None:
    """Let more jobs wait than a page of the sweep has."""
    now = shop.world.clock.now()
    local = now.astimezone(ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"]))
    with pytest.MonkeyPatch.context() as shops:
        shops.setenv("QUIET_HOURS", f"{local:%H:%M}-{local + timedelta(hours=1):%H:%M}")
        shops.setenv("QUIET_FOR", "all")
        shops.setattr("standby.mail.waiting_repository.PAGE", 1)
        shop.world.restart()
        for number in range(6):
            job = MailJob(
                job_id=f"waits#{number}",
                kind="undated",
                locale="en",
                data={"skus": ["MUG"], "page_url": "https://shop.example/v1/preorders/"},
                recipients=[Recipient(f"waits~{number}", "waits@example.org", {"page": "t"}, to_text(now))],
                valid_until=to_text(now + timedelta(days=2)),
            )
            shop.world.send("MailBulk", job.content())
        shop.world.settle()
        shop.world.wait(hours=2)
    shop.world.restart()
