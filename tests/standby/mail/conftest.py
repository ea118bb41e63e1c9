"""The mail feature's fixtures."""

from typing import Any

import pytest
from standby.mail.repository import MailRepository
from standby.platform.table import Table

from tests.fakes import AT_ONCE, FakeClock, FakeQueue
from tests.standby.mail.post_room import Counting, FailingBus, FakeMailer, PostRoom


@pytest.fixture
def repository(tables: Any) -> MailRepository:
    return MailRepository(Table("Mail", Counting(tables), AT_ONCE))  # type: ignore[arg-type]


@pytest.fixture
def room(repository: MailRepository) -> PostRoom:
    return PostRoom(
        clock=FakeClock(),
        dynamodb=repository.table.dynamodb,  # type: ignore[arg-type]
        mailer=FakeMailer(),
        bus=FailingBus(),
        queue=FakeQueue(),
        dead_letters=FakeQueue(),
        repository=repository,
    )
