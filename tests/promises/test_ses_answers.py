"""Promises 2 and 3 while SES answers each of its documented errors in turn for an hour, and then recovers.

Each error rings as the alarms say. Expected to ring is what stands beside it here, and what rings is looked up in the
templates (`tests.wiring`).
"""

import boto3
import pytest
from aws_lambda_powertools import Metrics
from standby.mail import ses

from tests.promises.shop import Shop
from tests.services import Outage
from tests.wiring import ALARMS, DEAD_LETTERS

pytestmark = pytest.mark.promise("P2", "P3")

RINGS = "SesRefusesUs"
OURS = "rings at the first call"
FAILING = "rings after a quarter of an hour"
PARKED = "waits for a person in the dead letters, which ring"
WAITING = 4
"""Customers for each error."""

LETTERS = DEAD_LETTERS["MailBulk"]

CALLS: dict[Outage, str] = {
    Outage("TooManyRequestsException", 429): FAILING,
    Outage("ThrottlingException", 400): FAILING,
    Outage("LimitExceededException", 400): OURS,
    Outage("AccountSuspendedException", 400): OURS,
    Outage("SendingPausedException", 400): OURS,
    Outage("MessageRejected", 400): OURS,
    Outage("MailFromDomainNotVerifiedException", 400): OURS,
    Outage("NotFoundException", 404): OURS,
    Outage("AccessDeniedException", 403): OURS,
    Outage("UnrecognizedClientException", 403): OURS,
    Outage("BadRequestException", 400): PARKED,
    Outage("InternalFailure", 500): PARKED,
    Outage("ServiceUnavailable", 503): PARKED,
}
ENTRIES: dict[str, str] = {
    "MESSAGE_REJECTED": OURS,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": OURS,
    "CONFIGURATION_SET_NOT_FOUND": OURS,
    "CONFIGURATION_SET_DOES_NOT_EXIST": OURS,
    "TEMPLATE_NOT_FOUND": OURS,
    "TEMPLATE_DOES_NOT_EXIST": OURS,
    "ACCOUNT_SUSPENDED": OURS,
    "ACCOUNT_THROTTLED": FAILING,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": OURS,
    "INVALID_SENDING_POOL_NAME": OURS,
    "ACCOUNT_SENDING_PAUSED": OURS,
    "CONFIGURATION_SET_SENDING_PAUSED": OURS,
    "INVALID_PARAMETER": PARKED,
    "INVALID_PARAMETER_VALUE": PARKED,
    "TRANSIENT_FAILURE": FAILING,
    "FAILED": FAILING,
}
DOCUMENTED = CALLS | {Outage(status): expected for status, expected in ENTRIES.items()}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the names of the metrics that functions count."""
    names: set[str] = set()
    original = Metrics.add_metric

    def add(metrics: Metrics, name: str, **more: object) -> None:
        names.add(name)
        original(metrics, name, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Metrics, "add_metric", add)
    return names


def test_every_answer_that_boto_knows_is_tried() -> None:
    model = boto3.client("sesv2").meta.service_model
    errors = {shape.name for shape in model.operation_model("SendBulkEmail").error_shapes}
    assert errors <= {outage.code for outage in CALLS}
    assert set(model.shape_for("BulkEmailStatus").enum) - {ses.ACCEPTED} <= ENTRIES.keys()


def people(sku: str) -> list[str]:
    return [f"{sku.lower().replace('_', '-')}-{number}@example.org" for number in range(WAITING)]


def restocked(shop: Shop, sku: str) -> None:
    shop.counts(sku, 0)
    for email in people(sku):
        shop.waits(email, sku)
    shop.counts(sku, 500)


def hour(shop: Shop) -> None:
    for _ in range(12):
        shop.world.wait(minutes=5)


def redriven(shop: Shop) -> None:
    """Send what waits for a person to its queue again, as the console does, until nobody waits any more."""
    letters = shop.world.queues[LETTERS]
    while letters:
        letter = letters.popleft()
        assert letter.attributes["reason"], "promise 9: set aside without a reason"
        shop.world.send("MailBulk", letter.body, attributes=letter.attributes)
    shop.world.settle()


def all_are_told_once(shop: Shop, skus: list[str]) -> None:
    everybody = {email for sku in skus for email in people(sku)}
    told = shop.told()
    assert everybody <= told.keys(), f"promise 2: lost {sorted(everybody - told.keys())}"
    assert told == dict.fromkeys(everybody, 1), "promise 3: told twice"
    for sku in skus:
        figures = shop.figures(sku)
        assert (figures["waiting"], figures["told"], figures["refused"]) == (0, WAITING, 0), (sku, figures)


def test_ses_answers_every_error_for_an_hour_and_recovers(shop: Shop, counted: set[str]) -> None:
    skus = []
    for number, (outage, expected) in enumerate(DOCUMENTED.items()):
        shop.world.wait(minutes=15)  # what the error before held up has begun by now
        counted.clear()
        letters = len(shop.world.queues[LETTERS])
        shop.world.post.outage = outage
        skus.append(f"SKU-{number}")
        restocked(shop, skus[-1])
        for _ in range(14):
            shop.world.wait(minutes=1)
        if expected != OURS:
            assert RINGS not in counted, f"{outage} rang at once"
        hour(shop)
        if expected == PARKED:
            assert len(shop.world.queues[LETTERS]) > letters, f"{outage} did not ring"
        else:
            assert RINGS in counted & ALARMS.keys(), f"{outage} did not ring"
        assert shop.told() == {}

    shop.world.post.outage = None
    shop.world.wait(minutes=15)
    redriven(shop)
    for _ in range(2):
        hour(shop)

    all_are_told_once(shop, skus)
    assert "MailNotSentAfterAll" in counted & ALARMS.keys(), "the first have waited for longer than a day"


@pytest.mark.parametrize("status", sorted(status for status, expected in ENTRIES.items() if expected != PARKED))
def test_an_answer_to_one_of_two_entries_takes_nobody_off_the_list(shop: Shop, counted: set[str], status: str) -> None:
    shop.world.post.outage = Outage(status, every=2)
    restocked(shop, "SKU-0")
    assert len(shop.told()) == WAITING / 2
    shop.world.wait(minutes=16)
    shop.world.post.outage = None
    for _ in range(2):
        shop.world.wait(minutes=16)
    all_are_told_once(shop, ["SKU-0"])
    assert (RINGS in counted) == (ENTRIES[status] == OURS)


def test_an_outage_of_26_hours_costs_few_calls_and_nobody_their_place(shop: Shop, counted: set[str]) -> None:
    skus = [f"SKU-{number}" for number in range(12)]
    shop.world.post.outage = Outage("SendingPausedException", 400)
    for sku in skus:
        restocked(shop, sku)
        assert RINGS in counted & ALARMS.keys(), "did not ring at the first call"
    for _ in range(26):
        hour(shop)
    assert shop.told() == {}
    assert shop.world.post.calls <= 130
    assert {RINGS, "MailNotSentAfterAll"} <= counted & ALARMS.keys()

    shop.world.post.outage = None
    for _ in range(2):
        hour(shop)
    all_are_told_once(shop, skus)


@pytest.mark.promise("P5")
def test_a_mail_that_ses_rejects_after_all_puts_its_customer_back_in_line(shop: Shop) -> None:
    restocked(shop, "SKU-0")
    first = next(mail for mail in shop.world.mails if mail.email == people("SKU-0")[0])
    shop.world.mails.remove(first)
    for _ in range(2):
        shop.world.send("MailFeedback", first.not_sent)
    shop.world.settle()
    assert shop.figures("SKU-0")["waiting"] == 1
    hour(shop)
    hour(shop)
    all_are_told_once(shop, ["SKU-0"])
