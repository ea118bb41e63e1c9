"""Mails that bring remedies to whoever waited."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from standby.compensation.codes import codes_of, digest
from standby.compensation.links import Links
from standby.compensation.model import CHOSEN, Grant, Option, may_be_taken_back
from standby.compensation.ordered import Ordered
from standby.compensation.policy_model import CODED, FEE_BACK, FREE_SHIPPING, PERCENT_OFF, VOUCHER
from standby.compensation.referring import of_grant, of_many
from standby.compensation.telling import brings_code
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.moment import EPOCH, MICROSECOND, mark
from standby.platform.tokens import TokenKeys

KIND, CHOICE_KIND, TOGETHER_KIND = "remedy", "remedy_choice", "remedies"
NAMES = {PERCENT_OFF: "percent", VOUCHER: "amount", FREE_SHIPPING: "shipping", FEE_BACK: "fee"}
"""What mails call each kind of remedy."""
VALID = timedelta(days=14)
"""So long the mail may be sent."""


MOST = "up_to"
"""Names the most that a percentage takes off, as mails and pages have it."""


class UnknownKeyError(Exception):
    """The key that made a voucher's code is not known any more, so the code cannot be written."""


@frozen()
class RemedyMails:
    """Writes them, and makes the codes in them."""

    keys: Callable[[], TokenKeys]
    default_locale: str
    links: Links

    def digest(self, grant_id: str) -> str:
        """Return the hash of the code of a grant that is made now."""
        return digest(codes_of(self.keys(), grant_id)[0])

    def write(self, grant: Grant, ordered: Ordered, *, more: bool) -> MailJob:
        """Return the mail that brings a grant to its customer. ``more``: something was granted before for the same.

        Raises `UnknownKeyError`.
        """
        since = from_text(grant.settled_at or grant.at)
        customer = ordered.customer
        data: dict[str, Any] = {"order": ordered.number}
        kind, slots = KIND, {}
        if more:
            data["more"] = True
        if grant.open:
            kind = CHOICE_KIND
            codes = [option for option in grant.options if option.kind in CODED]
            of_all = {"revocable": grant.revocable, "bound": all(option.bound for option in codes)}
            data |= {name: True for name, so in of_all.items() if so}
            for option in grant.options:
                data |= worth(option, grant.currency)
                own = {name: said for name, said in _conditions(option, grant.currency).items() if name not in data}
                data |= {f"{NAMES[option.kind]}_{name}": said for name, said in own.items()}
            data |= {"choose_by": grant.choose_by, "page_url": self.links.url}
            slots["page"] = self.links.remedies(ordered.order_id, since)
        else:
            data |= worth(Option(grant.kind, grant.amount, grant.percent), grant.currency)
            data |= _conditions(grant, grant.currency)
        data |= _ends(grant)
        if grant.expires_at is not None:
            slots["code"] = self._code(grant)
        return MailJob(
            job_id=f"{kind}#{grant.grant_id}",
            kind=kind,
            locale=customer.get("locale") or self.default_locale,
            data=data,
            recipients=[
                Recipient(
                    reference=of_grant(grant.grant_id),
                    email=customer["email"],
                    slots=slots,
                    consented_at=asked_at([grant], ordered),
                )
            ],
            valid_until=valid_until([grant]),
            time_zone=customer.get("time_zone"),
            patient=not grant.open,
        )

    def together(self, grants: Sequence[Grant], ordered: Ordered) -> MailJob:
        """Return the one mail that brings several grants of an order to its customer, by the link to all of them.

        The same grants make the same mail.
        """
        customer, first = ordered.customer, grants[0]
        since = from_text(max(grant.settled_at or grant.at for grant in grants))
        ends = [from_text(grant.expires_at) for grant in grants if grant.expires_at is not None]
        said = f"{mark({'grants': [[grant.grant_id, grant.outcome] for grant in grants]}):08x}"
        page = self.links.remedies(ordered.order_id, since, max(ends, default=None))
        return MailJob(
            job_id=f"{TOGETHER_KIND}#{first.grant_id}#{said}",
            kind=TOGETHER_KIND,
            locale=customer.get("locale") or self.default_locale,
            data={"order": ordered.number, **_in_all(grants), "page_url": self.links.url},
            recipients=[
                Recipient(
                    reference=of_many(ordered.order_id, first.mail or said),
                    email=customer["email"],
                    slots={"page": page},
                    consented_at=asked_at(grants, ordered),
                    tells_of=[of_grant(grant.grant_id) for grant in grants],
                )
            ],
            valid_until=valid_until(grants),
            time_zone=customer.get("time_zone"),
            patient=not all(grant.open for grant in grants),
        )

    def _code(self, grant: Grant) -> str:
        """Return the code whose hash was kept: the key that signs may be another one by now."""
        for code in codes_of(self.keys(), grant.grant_id):
            if digest(code) == grant.code:
                return code
        raise UnknownKeyError(grant.grant_id)


def asked_at(grants: Sequence[Grant], ordered: Ordered) -> str:
    """Return since when a customer wants to hear of grants: since they ordered, or chose.

    Who was erased after that is not mailed, though more of the order is late later.
    """
    ordered_at = to_text(EPOCH + ordered.placed_at_microseconds * MICROSECOND)
    chosen_at = [grant.settled_at if grant.outcome == CHOSEN else None for grant in grants]
    return min(chosen or min(ordered_at, grant.at) for grant, chosen in zip(grants, chosen_at, strict=True))


def valid_until(grants: Sequence[Grant]) -> str:
    """Return until when the mail that brings grants may be sent: no longer than any of them is of use.

    Nobody is asked to choose once that is over, so a mail that only asks does not wait for an open hour beyond it.
    """
    since = from_text(max(grant.settled_at or grant.at for grant in grants))
    ends = [grant.choose_until if grant.open else to_text(since + VALID) for grant in grants]
    return min(to_text(since + VALID), max(end for end in ends if end is not None))


def _in_all(grants: Sequence[Grant]) -> Mapping[str, Any]:
    """Return what several grants are worth, by the names that the mail has for it; of two currencies the page says it.

    Of what is still to be chosen it has the first day on which that is over.
    """
    fixed = [grant for grant in grants if not grant.open]
    data: dict[str, Any] = {}
    if len({grant.currency for grant in fixed}) == 1:
        for grant in fixed:
            name = MOST if grant.kind == PERCENT_OFF else next(iter(worth(grant, grant.currency)))
            before = data.get(name, {"amount": 0})["amount"]
            data[name] = {"amount": before + grant.amount, "currency": grant.currency}
    choose_by = min((grant.choose_by for grant in grants if grant.open and grant.choose_by is not None), default=None)
    if choose_by is not None:
        data["choose_by"] = choose_by
    if any(brings_code(grant) for grant in grants):
        data["codes"] = True
    codes: list[Grant | Option] = [*grants, *(option for grant in grants if grant.open for option in grant.options)]
    of_any = {"revocable": any(map(may_be_taken_back, codes)), "bound": any(code.bound for code in codes)}
    data |= {name: True for name, so in of_any.items() if so}
    return data


def _ends(grant: Grant) -> Mapping[str, str]:
    """Return the last day of a grant's code; of a choice that of each, where they differ."""
    days = {NAMES[option.kind]: option.ends_on for option in grant.options if grant.open and option.ends_on is not None}
    if len(set(days.values())) > 1:
        return {f"{name}_ends_on": day for name, day in days.items() if day is not None}
    return {} if grant.ends_on is None else {"ends_on": grant.ends_on}


def _conditions(code: Grant | Option, currency: str) -> Mapping[str, Any]:
    minimum = {} if code.minimum is None else {"minimum": {"amount": code.minimum, "currency": currency}}
    also = {"alone": not code.combinable, "bound": code.bound, "revocable": may_be_taken_back(code)}
    return minimum | {name: True for name, so in also.items() if so}


def worth(option: Option | Grant, currency: str) -> Mapping[str, Any]:
    """Return what a remedy is worth, by the names that mails and pages have for it."""
    money = {"amount": option.amount, "currency": currency}
    if option.kind == PERCENT_OFF:
        return {"percent": option.percent, MOST: money}
    return {NAMES.get(option.kind, "amount"): money}
