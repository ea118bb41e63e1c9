"""The Waitlist table: which days those who wait were told, and the pages in which they are."""

from contextlib import suppress

from standby.platform import kept
from standby.platform.clock import from_text
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Key, Put, Table, Update
from standby.waitlist.date_model import DateTold
from standby.waitlist.model import ChangedMeanwhileError


@frozen()
class DateRepository:
    """Keeps days and pages."""

    table: Table
    about: str = "DATE"
    """Begins the keys: of days, or of other words that are told once."""

    def date_told(self, sku: str) -> DateTold | None:
        """Return the day that those who wait for a SKU were told last."""
        item = self.table.item(self._key(sku))
        if not item:
            return None
        return DateTold(
            day=item["day"],
            number=item["number"],
            at=item["at"],
            before=item.get("before"),
            ahead=item.get("ahead", False),
            open=item.get("open", False),
        )

    def tell_date(self, sku: str, told: DateTold, *, was: DateTold | None) -> None:
        """Write what is going to be told. Raises `ChangedMeanwhileError` where something else is by now."""
        values = {"day": told.day, "number": told.number, "at": told.at, "before": told.before}
        flags = {"ahead": told.ahead or None, "open": told.open or None}
        item = {**self._key(sku), **values, **flags}
        put = Put(item, absent=("pk",)) if was is None else Put(item, equal={"number": was.number})
        try:
            self.table.write(put)
        except ConditionFailedError as error:
            raise ChangedMeanwhileError("date") from error

    def date_is_told(self, sku: str, told: DateTold) -> None:
        """Write that the day reached the end of the line, unless another one is told since."""
        with suppress(ConditionFailedError):
            self.table.write(Update(self._key(sku), assign={"open": None}, equal={"number": told.number}))

    def date_page(self, sku: str, number: int, after: str) -> list[str] | None:
        """Return the places of a page that was written, by their keys; ``None``: it was not."""
        item = self.table.item(self._page_key(sku, number, after))
        return list(item["keys"]) if item else None

    def keep_date_page(self, sku: str, number: int, after: str, keys: list[str], told: DateTold) -> None:
        """Write a page, once: somebody else's of the same beginning stays."""
        ttl = int((from_text(told.at) + kept.EXPLANATIONS).timestamp())
        with suppress(ConditionFailedError):
            self.table.write(Put({**self._page_key(sku, number, after), "keys": keys, "ttl": ttl}, absent=("pk",)))

    def _key(self, sku: str) -> Key:
        return {"pk": f"{self.about}#{sku}", "sk": self.about}

    def _page_key(self, sku: str, number: int, after: str) -> Key:
        return {"pk": f"{self.about}#{sku}", "sk": f"PAGE#{number:09}#{after}"}
