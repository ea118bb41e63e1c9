"""A shop that makes delays good, as verbs on a `World`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from standby.compensation.codes import ALPHABET, digest, read
from standby.compensation.links import Links
from standby.compensation.mailing import RemedyMails
from standby.compensation.model import Remedies
from standby.compensation.reading import policy_of
from standby.compensation.repository import RemedyBook
from standby.compensation.voucher_model import Voucher
from standby.compensation.voucher_repository import VoucherBook
from standby.platform.identifier import TURNING
from standby.platform.schema import reader
from standby.platform.table import Table
from standby.platform.tokens import RetiredKey, TokenKeys, Tokens

from tests.promises.shop import Shop
from tests.services import Mail
from tests.standby.delivery.parcels import Parcels

FEATURE = "standby.compensation"
SUBJECTS = ("For your wait", "על ההמתנה")
CODE = re.compile(rf"\b[{ALPHABET}]{{6}}(?:-[{ALPHABET}]{{6}}){{2}}\b")


def eur(amount: int) -> dict[str, Any]:
    """Return an amount of cents."""
    return {"amount": amount, "currency": "EUR"}


def voucher(days_late: int, amount: int, **more: Any) -> dict[str, Any]:
    """Return a level that gives a voucher, which the shop may take back, unless it says otherwise."""
    return {"days_late": days_late, "remedy": {"kind": "voucher", "amount": eur(amount), "revocable": True, **more}}


def percent(days_late: int, percent: int, most: int, **more: Any) -> dict[str, Any]:
    """Return a level that gives a percentage, which the shop may take back, unless it says otherwise."""
    remedy = {"kind": "percent_off", "percent": percent, "amount": eur(most), "revocable": True, **more}
    return {"days_late": days_late, "remedy": remedy}


def choice(days_late: int, *levels: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a level of which the customer chooses what one of some other levels gives."""
    return {"days_late": days_late, "choice": {"remedies": [level["remedy"] for level in levels], **more}}


def shipping(days_late: int, most: int, **more: Any) -> dict[str, Any]:
    """Return a level that gives free shipping, which the shop may take back, unless it says otherwise."""
    remedy = {"kind": "free_shipping", "amount": eur(most), "revocable": True, **more}
    return {"days_late": days_late, "remedy": remedy}


def rule(*levels: dict[str, Any], name: str = "all", **when: Any) -> dict[str, Any]:
    """Return a rule."""
    return {"name": name, "levels": list(levels), **({"when": when} if when else {})}


def document(*rules: dict[str, Any], budget: int = 1_000_000, **more: Any) -> dict[str, Any]:
    """Return a policy's document."""
    return {"rules": list(rules), "monthly_budget": [eur(budget)], **more}


def policy(*rules: dict[str, Any], **more: Any) -> Any:
    """Return a policy as the product reads it."""
    return policy_of(reader(FEATURE, "policy")(document(*rules, **more)), version=1)


def mails_by(key: str, *retired: RetiredKey) -> RemedyMails:
    """Return what writes mails whose codes and links this key makes."""
    keys = TokenKeys(current=key, retired=retired)
    return RemedyMails(lambda: keys, "en", Links("https://shop.example", lambda: Tokens(keys)))


FEE = {"days_late": 1, "remedy": {"kind": "delivery_fee_back"}}
TWO_LEVELS = rule(voucher(2, 500), voucher(5, 1_500))
ONE_OF_THREE = choice(2, percent(2, 10, 800), voucher(2, 500), shipping(2, 600))


@dataclass
class Remedied(Parcels):
    """Orders of two units of 20.00 EUR, which go to Germany, and a policy."""

    @property
    def book(self) -> RemedyBook:
        """Return what compensation keeps."""
        return RemedyBook(Table("Compensation", self.shop.world.dynamodb))

    def sets(self, *rules: dict[str, Any], **more: Any) -> None:
        """Let the shop set a policy."""
        said = reader(FEATURE, "policy")(document(*rules, **more))
        self.book.set_policy(said, by="test", at=self.now())

    def order(self, until: int, *, skus: tuple[str, ...] = ("LAMP",), **more: Any) -> dict[str, Any]:
        """Return the fields of an order with prices."""
        made = super().order(until, skus=skus, ship_to={"country": "DE"}, delivery_fee=eur(490))
        made["lines"] = [{**line, "quantity": 2, "unit_price": eur(2_000)} for line in made["lines"]]
        return {**made, **more}

    def late(self, order_id: str = "O", *, days: int, promised: int = 2, **more: Any) -> None:
        """Let an order be expected so many days later than it was promised at first."""
        self.tells("eta", order_id, eta=self.day(promised + days), cause="carrier", **more)

    def hears(self, name: str, **detail: Any) -> None:
        """Let compensation hear an event."""
        self.shop.world.send("CompensationRecords", {"detail-type": name, "detail": detail})
        self.shop.world.settle()

    def of(self, order_id: str = "O") -> Remedies:
        """Return what is kept of an order."""
        return self.book.remedies(order_id)

    def granted(self, order_id: str = "O") -> list[tuple[str, int]]:
        """Return the kinds and amounts that were granted."""
        return [(grant.kind, grant.amount) for grant in self.of(order_id).grants]

    def heard(self, name: str) -> list[dict[str, Any]]:
        """Return what all heard of an event, each once."""
        found = {event["id"]: event for each, event in self.shop.world.events if each == name}
        return list(found.values())

    def why(self, order_id: str = "O") -> list[str]:
        """Return why nothing, or nothing more, was granted."""
        return [refusal.why for refusal in self.of(order_id).refusals]

    def read(self) -> list[tuple[str, str]]:
        """Return what these mails say: subjects and texts, without the marks of direction."""
        return [(mail.subject.translate(TURNING), mail.text.translate(TURNING)) for mail in self.mailed()]

    def mailed(self) -> Sequence[Mail]:
        """Return the mails that brought something."""
        return [mail for mail in self.shop.world.mails if mail.subject.startswith(SUBJECTS)]

    def brought(self) -> list[str]:
        """Return the codes that were mailed."""
        return [code for mail in self.mailed() for code in CODE.findall(mail.text)]

    def voucher(self, code: str) -> Voucher | None:
        """Return the voucher of a code as somebody types it."""
        exact = read(code)
        return None if exact is None else VoucherBook(self.book.table).voucher(digest(exact))

    def spent(self, currency: str = "EUR") -> int:
        """Return what the month's budget says was granted."""
        month = f"{self.shop.today():%Y-%m}"
        item = self.book.table.item({"pk": "BUDGET", "sk": f"MONTH#{month}#{currency}"}) or {}
        granted: int = item.get("granted", 0)
        return granted


def remedied(shop: Shop) -> Remedied:
    """Return a shop with a policy of two levels."""
    made = Remedied(shop)
    made.sets(TWO_LEVELS)
    return made
