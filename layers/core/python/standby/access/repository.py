"""Keys in the Access table, as PynamoDB records (design §8: features whose work is records).

The authorizer needs ``dynamodb:GetItem`` alone. Listing scans the table; only operators list, and keys are few.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.models import Model

from standby.access.model import AccessKey, UnknownKeyError
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen

SORT = "KEY"
CONDITION_FAILED = "ConditionalCheckFailedException"


class KeyRecord(Model):
    """One key: ``KEY#<sha256 in hex>`` / ``KEY``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=SORT)
    name = UnicodeAttribute()
    scopes = UnicodeSetAttribute()
    created_at = UnicodeAttribute()
    hint = UnicodeAttribute()
    revoked_at = UnicodeAttribute(null=True)


@cache
def records(table: str) -> type[KeyRecord]:
    """Return the record class bound to a table; the endpoint and region are the environment's, as for any SDK."""

    class Bound(KeyRecord):
        class Meta:
            table_name = table
            # Two attempts end before the authorizer's time does (5 s).
            connect_timeout_seconds = 1
            read_timeout_seconds = 1.5
            max_retry_attempts = 1

    return Bound


@frozen()
class KeyRepository:
    """The store of keys, on DynamoDB."""

    table: str

    def add(self, key: AccessKey) -> None:
        """Keep a new key. Raises PynamoDB's ``PutError`` when it exists already; the stored key stays as it is."""
        record = records(self.table)(
            pk=_pk(key.digest),
            name=key.name,
            scopes=set(key.scopes),
            created_at=to_text(key.created_at),
            hint=key.hint,
        )
        record.save(KeyRecord.pk.does_not_exist())

    def get(self, digest: str) -> AccessKey | None:
        """Return the key as the last finished write left it (a consistent read), ``None`` when there is none."""
        model = records(self.table)
        try:
            return _key(model.get(_pk(digest), SORT, consistent_read=True))
        except model.DoesNotExist:
            return None

    def all(self) -> Iterator[AccessKey]:
        """Yield every key, revoked ones too, in no order."""
        found = records(self.table).scan(KeyRecord.sk == SORT, consistent_read=True)
        return (_key(record) for record in found)

    def revoke(self, digest: str, at: datetime) -> AccessKey:
        """Mark a key as revoked and return it; one revoked before keeps its time. Raises `UnknownKeyError`."""
        record = records(self.table)(_pk(digest), SORT)
        revoked = KeyRecord.revoked_at.set(KeyRecord.revoked_at | to_text(at))
        try:
            record.update([revoked], condition=KeyRecord.pk.exists())
        except UpdateError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
            raise UnknownKeyError(digest) from error
        return _key(record)


def _pk(digest: str) -> str:
    return f"KEY#{digest}"


def _key(record: KeyRecord) -> AccessKey:
    return AccessKey(
        digest=record.pk.removeprefix("KEY#"),
        name=record.name,
        scopes=frozenset(record.scopes),
        created_at=from_text(record.created_at),
        hint=record.hint,
        revoked_at=from_text(record.revoked_at) if record.revoked_at else None,
    )
