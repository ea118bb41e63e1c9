"""From a sign-up with advertising to the shop's own segment of who went quiet, and out of it, on the deployed stack."""

from typing import Any

import pytest
from standby.platform.address import address_key

from infra.local.client import WORDING, Client, awaited
from tests.journeys.conftest import Listening, MovingClock

pytestmark = pytest.mark.local_aws

SECONDS = 60


def signs_up(client: Client, email: str, sku: str, *, marketing: bool) -> None:
    """Sign somebody up on the shop's page, and confirm it from the mailbox."""
    began = client.sent()
    client.join(email, sku, consent={"wording": WORDING, "marketing": marketing})
    (mail,) = awaited(lambda: client.mails(began, to=email), what="the confirmation", seconds=SECONDS)
    client.press(client.link(mail, "confirm"))
    awaited(lambda: client.waiting(sku)["waiting"] == 1, what="one waiting", seconds=SECONDS)


@pytest.mark.promise("P8")
def test_a_tool_hears_who_went_quiet_and_that_they_came_back(client: Client, clock: MovingClock, sku: str) -> None:
    listening = Listening.to(client, "CustomerWentQuiet", "CustomerReengaged", "CustomerUnreachable")
    email = f"quiet.{sku}@example.com".lower()

    def heard() -> list[tuple[str, dict[str, Any]]]:
        """Return what was said about them, as a tool knows whom it means: by the key of the address."""
        return [
            (envelope["detail-type"], envelope["detail"])
            for envelope in listening.heard()
            if envelope["detail"]["address"] == address_key(email)
        ]

    def sweep() -> None:
        client.send("WaitlistSweeps", [{"sweep": "due"}])

    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out")
    signs_up(client, email, sku, marketing=True)
    arrived = client.sent()
    client.level(sku, 3)
    awaited(lambda: client.mails(arrived, to=email), what="the mail that it is back", seconds=SECONDS)
    awaited(lambda: client.waiting(sku)["waiting"] == 0, what="nobody waiting", seconds=SECONDS)
    for days in (8, 61):
        clock.advance(days=days)
        sweep()
        awaited(lambda: client.waiting_in("WaitlistSweeps") == 0, what="the sweep", seconds=SECONDS)
    ((name, quiet),) = awaited(heard, what="that they went quiet", seconds=SECONDS)
    assert (name, quiet["wording"]) == ("CustomerWentQuiet", WORDING)
    assert quiet["agreed_at"] < quiet["told_at"] < quiet["at"]

    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out again")
    signs_up(client, email, sku, marketing=False)
    sweep()
    _, (name, back) = awaited(lambda: len(heard()) > 1 and heard(), what="that they came back", seconds=SECONDS)
    assert (name, back["sign"]) == ("CustomerReengaged", "confirmed")
    assert back["edition"] > quiet["edition"]
