"""How often an address is mailed advertising: at most once in some days, by whatever kind of mail (features.md A9)."""

from datetime import datetime, timedelta

from standby.platform.clock import to_text
from standby.platform.dynamodb import ConditionFailedError, write
from standby.platform.frozen import frozen
from standby.platform.kept import ADVERTISED
from standby.platform.table import Table, Update

SOME_HOURS = timedelta(hours=12)
"""A bound of seven days counts six and a half: a weekly mail that left late may leave in time a week later."""


@frozen(kw_only=True)
class AdvertisingBound:
    """Counts advertising mails by address: ``ADVERTISED#<key>`` says when the last one was about to go, and which."""

    table: Table
    days: int
    """0: there is no bound."""

    def takes(self, address: str, job_id: str, now: datetime) -> bool:
        """Take an address's turn for a job's mail; tell whether it has it.

        A job that has it keeps it when it comes again. It is written before the mail is sent, so of two
        jobs at once one has it. Raises `BusyError`.
        """
        if not self.days:
            return True
        at, free = to_text(now), to_text(now - timedelta(days=self.days) + SOME_HOURS)
        turn = Update(
            {"pk": f"ADVERTISED#{address}", "sk": "ADVERTISED"},
            assign={"at": at, "job": job_id, "ttl": int((now + ADVERTISED).timestamp())},
            at_most={"at": free},
            or_absent="at",
        )
        try:
            write(lambda: self.table.write(turn), backoff=self.table.backoff)
        except ConditionFailedError as error:
            return (error.reasons[0] or {}).get("job") == job_id
        return True
