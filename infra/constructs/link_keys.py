"""The keys that sign the links in mails."""

from dataclasses import dataclass

from constructs import Construct

from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack
from infra.constructs.store import TableHandle, store


@dataclass(frozen=True)
class LinkKeysHandle:
    """The keys as another stack knows them."""

    table: TableHandle

    def readable(self) -> Grant:
        """Return the permission to read the keys, and to make the first one where there is none yet."""
        return self.table.grant("dynamodb:GetItem", "dynamodb:PutItem")


class LinkKeys(Construct):
    """A table for the keys alone; retained, because links in people's inboxes live for a year.

    Whoever needs a key first makes it (`standby.platform.secrets`). CloudFormation can neither make a random text for
    nothing nor an encrypted SSM parameter, and a secret of Secrets Manager costs as much as four alarms.
    """

    def __init__(self, stack: HouseStack, id_: str) -> None:
        super().__init__(stack, id_)
        self._stack = stack
        self._table = store(self, stack.stage)

    @property
    def table_name(self) -> str:
        """Return the table's name."""
        return self._table.table_name

    def seen_from(self, reader: HouseStack) -> LinkKeysHandle:
        """Return the keys as another stack knows them."""
        name = reader.reads(self._stack, "LinkKeys/name", self.table_name)
        return LinkKeysHandle(TableHandle(name, reader.reads(self._stack, "LinkKeys/arn", self._table.table_arn)))
