"""Nobody gets more advertising than the shop's bound, whatever is repeated or comes at once."""

from datetime import timedelta
from typing import Any

import pytest
from standby.mail.advertising_repository import AdvertisingBound
from standby.platform.table import Table

from tests.fakes import AT_ONCE, EPOCH
from tests.tables import create_table

pytestmark = pytest.mark.promise("P3")


@pytest.fixture
def table(aws: Any) -> Table:
    create_table(aws, "Mail")
    return Table("Mail", aws, AT_ONCE)


def test_a_second_mail_waits_for_its_days_and_the_first_may_come_again(table: Table) -> None:
    bound = AdvertisingBound(table=table, days=7)
    assert bound.takes("ana", "list-1", EPOCH)
    assert bound.takes("ana", "list-1", EPOCH + timedelta(hours=1)), "the same job, delivered again"
    assert not bound.takes("ana", "offer", EPOCH + timedelta(days=3))
    assert bound.takes("ben", "offer", EPOCH + timedelta(days=3)), "another address"
    assert not bound.takes("ana", "list-2", EPOCH + timedelta(days=6, hours=11))
    assert bound.takes("ana", "list-2", EPOCH + timedelta(days=6, hours=13)), "the last one left late"


def test_without_a_bound_everything_goes_and_nothing_is_written(table: Table) -> None:
    bound = AdvertisingBound(table=table, days=0)
    assert bound.takes("ana", "list-1", EPOCH)
    assert bound.takes("ana", "list-2", EPOCH)
    assert table.item({"pk": "ADVERTISED#ana", "sk": "ADVERTISED"}) is None
