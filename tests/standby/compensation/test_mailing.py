"""The mail that brings a remedy can be written again at any time, with the same code."""

from typing import Any

import pytest
from standby.compensation.mailing import UnknownKeyError
from standby.compensation.model import Grant
from standby.compensation.ordered import Ordered
from standby.platform.clock import from_text
from standby.platform.tokens import RetiredKey

from tests.standby.compensation.remedied import mails_by

OLD, NEW = mails_by("old"), mails_by("new")
ORDERED = Ordered(
    order_id="O",
    said={"customer": {"email": "ana@example.org"}},
    placed_at_microseconds=0,
    lines={},
    shipments={},
    gone=frozenset(),
)


def grant(**more: Any) -> Grant:
    return Grant(
        grant_id="g1",
        shipment_id="A",
        at="2026-05-03T10:00:00.000Z",
        days_late=3,
        level=2,
        rule="all",
        policy_version=1,
        kind="voucher",
        amount=500,
        currency="EUR",
        code=OLD.digest("g1"),
        expires_at="2027-05-03T22:00:00.000Z",
        ends_on="2027-05-03",
        **more,
    )


def test_after_a_rotation_of_the_keys_a_mail_brings_the_code_whose_hash_was_kept() -> None:
    after = mails_by("new", RetiredKey("old", from_text("2028-01-01T00:00:00Z")))
    assert after.write(grant(), ORDERED, more=False) == OLD.write(grant(), ORDERED, more=False)
    assert after.digest("g1") != OLD.digest("g1")


def test_a_code_whose_key_is_gone_is_not_replaced_by_one_that_opens_nothing() -> None:
    with pytest.raises(UnknownKeyError):
        NEW.write(grant(), ORDERED, more=False)
