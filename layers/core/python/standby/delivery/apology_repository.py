"""How often customers are told that the shop is sorry: repeated apologies can be worse than none.

``CUSTOMER#<key>`` / ``APOLOGIES`` has the mails in which one address was told so, by their jobs. Facts are always told.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from standby.platform.backoff import Backoff
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.kept import APOLOGIES
from standby.platform.records import Bounds, JsonText, read_record, save_record

SORT = "APOLOGIES"


class ApologiesRecord(Model):
    """The apologies to one address: ``CUSTOMER#<key>`` / ``APOLOGIES``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=SORT)
    edition = NumberAttribute()
    at = JsonText()
    """When, by job."""
    ttl = NumberAttribute()


@cache
def records(table: str) -> type[ApologiesRecord]:
    """Return the record class bound to a table."""

    class Bound(ApologiesRecord):
        class Meta(Bounds):
            table_name = table

    return Bound


@frozen()
class ApologyBook:
    """Who was told how often, on DynamoDB."""

    table: str
    most: int
    """In `APOLOGIES`, to one address; 0: none ever."""
    backoff: Backoff = Backoff()

    def told(self, address: str) -> Mapping[str, str]:
        """Return the mails that said so to a customer in `APOLOGIES` before the last, and when, by their jobs."""
        known = read_record(records(self.table), f"CUSTOMER#{address}", SORT)
        return {} if known is None else known.at

    def may(self, address: str, job_id: str, now: datetime) -> bool:
        """Tell whether a customer is to hear it in a mail, and remember that: the same for the same mail.

        Raises `BusyError` when others kept writing the same.
        """
        kind, key = records(self.table), f"CUSTOMER#{address}"
        since = to_text(now - APOLOGIES)
        for _ in self.backoff.tries(key):
            known = read_record(kind, key, SORT)
            told = {} if known is None else {job: at for job, at in known.at.items() if at > since}
            if job_id in told or len(told) >= self.most:
                return job_id in told
            edition = 0 if known is None else int(known.edition)
            record = kind(
                pk=key,
                edition=edition + 1,
                at={**told, job_id: to_text(now)},
                ttl=int((now + APOLOGIES).timestamp()),
            )
            if save_record(record, kind.edition == edition if edition else kind.pk.does_not_exist()):
                return True
        return False
