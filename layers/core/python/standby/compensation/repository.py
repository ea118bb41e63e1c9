"""The Vouchers table: the policy, what was granted for each order, what was spent, and the vouchers.

==========================================  ===================================================================
``POLICY`` / ``POLICY``                     the policy that holds, with its version
``POLICY`` / ``VERSION#<nine digits>``      each that ever held, and who set it
``ORDER#<order_id>`` / ``REMEDIES``         an order's delays, grants and refusals (`kept_remedies`)
``CUSTOMER#<key>`` / ``MONTH#<month>``      what one customer was granted in a month: ``spent_<currency>``
``BUDGET`` / ``MONTH#<month>#<currency>``   what all were granted in a month
``VOUCHER#<hash of its code>`` / ``VOUCHER``  a voucher
``USED#<order_id>`` / ``VOUCHER#<hash>``    that an order took a voucher, or named its code
``MONTH#<month>#<shard>`` / ``<at>#<id>``   of which order a grant of a month is
``AWAITING`` / ``<at>#<grant_id>``          a grant that waits for approval, with its order
``USED#<order_id>`` / ``TAKEN``             which one it took last, and at which edition of that
``USED#<order_id>`` / ``FATE``              that an order came to nothing, or did at some time
==========================================  ===================================================================

A grant is one transaction: the order's item at the edition that was decided on, both sums on the condition that they
stay below what they may be, and the voucher. So it is granted whole or not at all, and sums are exact. What a choice
frees is taken off the same sums in the transaction that ends it; while one is open, its order is in the index ``due``.
`standby.compensation.voucher_repository` reads and writes the vouchers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from standby.compensation.choice_model import due_at
from standby.compensation.kept_remedies import content_of, remedies_of
from standby.compensation.model import (
    BUDGET_SPENT,
    CHANGED,
    NO_ROOM,
    WRITTEN,
    Account,
    Freed,
    Grant,
    Remedies,
)
from standby.compensation.policy_model import Policy
from standby.compensation.reading import policy_of, sound
from standby.compensation.voucher_model import Booked, Voucher
from standby.compensation.voucher_repository import VoucherBook, kept_until, new_voucher
from standby.platform.clock import from_text
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import MONTHS, REMEDIES
from standby.platform.packing import compressed, expanded
from standby.platform.queue import PoisonError
from standby.platform.table import Cursor, Delete, Index, Key, Put, Query, Table, Update, Write

POLICY_KEY: Key = {"pk": "POLICY", "sk": "POLICY"}
ORDER = "ORDER#"
DUE = Index("due", "due_shard", "due_at")
DUE_SHARDS = tuple(f"DUE#{number}" for number in range(4))
AWAITING, AWAITING_PAGE = "AWAITING", 50
MONTH_SHARDS, MONTH_PAGE = 8, 200
"""In how many partitions a month's grants are, and how many of them are read at once."""
PAGE = 25
"""Orders that are looked at in one message."""


VERSIONS = 21
"""Of the policy, that are shown, and one to compare the oldest of them with."""
ORDER_BYTES = 400_000
"""Of what is known of an order, compressed."""
GRANTS_BYTES = 340_000
"""Of it once something more is granted: so there is room to tell of it, and for why nothing more is granted."""
LATER_BYTES = 100
"""Of these, for the code of a choice that is still open."""


@frozen()
class RemedyBook:
    """All of it, on DynamoDB. Methods raise `BusyError`, and `PoisonError` for an order that fits into no item."""

    table: Table

    def policy(self) -> Policy | None:
        """Return the policy that holds; ``None`` where the shop has set none."""
        item = self.table.item(POLICY_KEY)
        return None if item is None else policy_of(from_json(item["document"]), item["version"])

    def policy_said(self) -> Mapping[str, Any] | None:
        """Return the policy that holds as it was set: ``version``, ``document``, ``set_by``, ``set_at``."""
        item = self.table.item(POLICY_KEY)
        return None if item is None else _policy_said(item)

    def policy_versions(self) -> list[Mapping[str, Any]]:
        """Return the newest versions of the policy as they were set, the newest first."""
        wanted = Query("POLICY", starting="VERSION#", newest_first=True, limit=VERSIONS, consistent=True)
        return [_policy_said(item) for item in self.table.page(wanted).items]

    def set_policy(
        self, document: Mapping[str, Any], *, by: str, at: str, rehearsal: Mapping[str, Any] | None = None
    ) -> int:
        """Keep a policy that is sound as the one that holds from now on, and return its version.

        ``rehearsal`` says what it would have cost, as far as that is known. The same document again is the same
        version. Raises `UnsoundError`.
        """
        sound(document)
        for _ in self.table.backoff.tries("the policy"):
            item = self.table.item(POLICY_KEY)
            if item is not None and from_json(item["document"]) == document:
                return int(item["version"])
            version = 1 if item is None else item["version"] + 1
            said = {"version": version, "document": to_json(document), "set_by": by, "set_at": at}
            said |= {} if rehearsal is None else {"rehearsal": to_json(rehearsal)}
            guard = {"absent": ("pk",)} if item is None else {"equal": {"version": version - 1}}
            kept = {**POLICY_KEY, "sk": f"VERSION#{version:09}"}
            try:
                self.table.transact([Put({**POLICY_KEY, **said}, **guard), Put({**kept, **said}, absent=("pk",))])
            except ConditionFailedError:
                continue
            return version
        raise AssertionError("tries raise at their end")

    def remedies(self, order_id: str) -> Remedies:
        """Return what is known of an order; its edition is 0 where that is nothing."""
        item = self.table.item(_order_key(order_id))
        return Remedies(order_id=order_id) if item is None else _remedies(order_id, item)

    def all_remedies(self, order_ids: Iterable[str]) -> dict[str, Remedies]:
        """Return what is known of orders, of those of which anything is."""
        items = self.table.batch((_order_key(order_id) for order_id in order_ids), consistent=False)
        return {(order_id := item["pk"].removeprefix(ORDER)): _remedies(order_id, item) for item in items}

    def spent(self, account: Account) -> int:
        """Return what a customer was granted in a month."""
        item = self.table.item(_customer_key(account))
        return 0 if item is None else item.get(f"spent_{account.currency}", 0)

    def keep(self, remedies: Remedies, *, now: datetime) -> bool:
        """Write what is known of an order if its edition is still the one before; tell whether it was."""
        try:
            self.table.write(_order(remedies, now))
        except ConditionFailedError:
            return False
        return True

    def grant(
        self,
        remedies: Remedies,
        account: Account,
        voucher: Voucher | None,
        *,
        now: datetime,
        freed: Sequence[Freed] = (),
    ) -> str:
        """Write what is known of an order after its last grant, what that costs, and its voucher, or nothing.

        ``freed`` is what choices had kept that it replaces: on the same account it costs less than the grant.
        Return `WRITTEN`; `CHANGED`, where the order or what its customer was granted is not what it was; `NO_ROOM`,
        where the order has too many; or `BUDGET_SPENT`.
        """
        grant, order = remedies.grants[-1], _order(remedies, now)
        if not _has_room(remedies, order):
            return NO_ROOM
        if grant.amount > account.budget and not account.spent_anyway:
            return BUDGET_SPENT
        budgets, customers = _sums(freed)
        new = grant.amount - budgets.pop(account[:2], 0)
        writes: list[Write] = [order, _spend_budget(account, new, now)]
        if account.customer is not None:
            new = grant.amount - customers.pop((*account[:2], account.customer), 0)
            writes.append(_spend_customer(account, new, now))
        writes += _free(budgets, customers, now)
        writes.append(_pointer(grant, remedies.order_id, now))
        if grant.awaits:
            writes.append(Put({**_waiting_key(grant), "order_id": remedies.order_id, "ttl": kept_until(now, REMEDIES)}))
        if voucher is not None and grant.code is not None:
            writes += new_voucher(voucher, grant.code, now)
        try:
            self.table.transact(writes)
        except ConditionFailedError as failed:
            same, budget, *_ = failed.reasons
            return BUDGET_SPENT if same is None and budget is not None else CHANGED
        return WRITTEN

    def settle(
        self,
        remedies: Remedies,
        freed: Sequence[Freed],
        voucher: Voucher | None,
        *,
        now: datetime,
        decided: Grant | None = None,
    ) -> bool:
        """Write an order after a choice ended, what that frees and its voucher, if its edition is still the one before.

        ``decided`` waited for approval, and does no more. Tell whether it was.
        """
        writes: list[Write] = [_order(remedies, now), *_free(*_sums(freed), now)]
        if decided is not None:
            writes.append(Delete(_waiting_key(decided)))
        if voucher is not None:
            code = next(grant.code for grant in remedies.grants if grant.grant_id == voucher.grant_id)
            writes += new_voucher(voucher, code or "", now)
        try:
            self.table.transact(writes)
        except ConditionFailedError:
            return False
        return True

    def awaiting(self, after: str | None) -> tuple[list[tuple[str, Grant]], str | None]:
        """Return a page of what waits for approval, the oldest first, each with its order, and where the next starts.

        ``after`` is where the page before ended.
        """
        found = self.table.page(Query(AWAITING, after=after, limit=AWAITING_PAGE, consistent=True))
        orders = {item["order_id"] for item in found.items}
        kept = self.table.batch(_order_key(order_id) for order_id in orders)
        known = [_remedies(item["pk"].removeprefix(ORDER), item) for item in kept]
        grants = {grant.grant_id: (each.order_id, grant) for each in known for grant in each.grants if grant.awaits}
        names = [item["sk"].rpartition("#")[2] for item in found.items]
        last = found.items[-1]["sk"] if found.cursor is not None and found.items else None
        return [grants[name] for name in names if name in grants], last

    def booked(self, month: str, after: str | None) -> tuple[list[Booked], str | None]:
        """Return a page of what was granted in a month (2026-05), with its vouchers, and where the next one starts.

        ``after`` is where the page before ended.
        """
        first, _, place = (after or "0:").partition(":")
        pointers: list[tuple[str, str]] = []
        for shard in range(int(first), MONTH_SHARDS):
            wanted = Query(_month(month, shard), after=place or None, limit=MONTH_PAGE - len(pointers))
            found = self.table.page(wanted).items
            pointers += [(item["sk"].rpartition("#")[2], item["order_id"]) for item in found]
            if len(pointers) == MONTH_PAGE:
                return self._booked(pointers), f"{shard}:{found[-1]['sk']}"
            place = ""
        return self._booked(pointers), None

    def _booked(self, pointers: Sequence[tuple[str, str]]) -> list[Booked]:
        kept = self.table.batch(_order_key(order_id) for order_id in {order_id for _, order_id in pointers})
        known = [_remedies(item["pk"].removeprefix(ORDER), item) for item in kept]
        grants = {grant.grant_id: (each.order_id, grant) for each in known for grant in each.grants}
        rows = [grants[name] for name, _ in pointers if name in grants]
        vouchers = self.vouchers([grant.code for _, grant in rows if grant.code is not None])
        return [Booked(order_id, grant, vouchers.get(grant.code or "")) for order_id, grant in rows]

    def due(self, shard: str, until: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of orders of which the time to choose is over, the first or the one behind a cursor."""
        found = self.table.page(Query(shard, DUE, up_to=until, limit=PAGE), cursor)
        return [item["pk"].removeprefix(ORDER) for item in found.items], found.cursor

    def ended(self, account: Account) -> bool:
        """Tell whether all heard that a month's budget ended, as large as it is now."""
        item = self.table.item(_budget_key(account))
        return item is not None and item.get("ended_of") == account.budget

    def note_ended(self, account: Account, *, at: str, now: datetime) -> None:
        """Note that all heard that a month's budget ended."""
        kept = {"ended_at": at, "ended_of": account.budget}
        self.table.write(Update(_budget_key(account), assign=kept, first={"ttl": kept_until(now, REMEDIES)}))

    def vouchers(self, codes: Sequence[str]) -> dict[str, Voucher]:
        """Return vouchers by the hashes of their codes; those that are kept no more are left out."""
        return VoucherBook(self.table).vouchers(codes)


def _sums(freed: Sequence[Freed]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str, str]]]:
    """Return what is freed by month and currency, and beside that by customer."""
    budgets: Counter[tuple[str, str]] = Counter()
    customers: Counter[tuple[str, str, str]] = Counter()
    for month, currency, customer, amount in freed:
        budgets[month, currency] += amount
        if customer is not None:
            customers[month, currency, customer] += amount
    return budgets, customers


def _free(
    budgets: Mapping[tuple[str, str], int], customers: Mapping[tuple[str, str, str], int], now: datetime
) -> list[Update]:
    every = [
        *((Account(*key, 0), "granted", REMEDIES, amount) for key, amount in budgets.items()),
        *((Account(*key[:2], 0, key[2]), f"spent_{key[1]}", MONTHS, amount) for key, amount in customers.items()),
    ]
    return [
        Update(
            _budget_key(account) if account.customer is None else _customer_key(account),
            add={name: -amount},
            first={"ttl": kept_until(now, kept)},
        )
        for account, name, kept, amount in every
    ]


def _spend_budget(account: Account, amount: int, now: datetime) -> Update:
    most = {} if account.spent_anyway else {"granted": account.budget - amount}
    return Update(
        _budget_key(account),
        add={"granted": amount},
        first={"ttl": kept_until(now, REMEDIES)},
        at_most=most,
        or_absent="granted" if most else None,
    )


def _spend_customer(account: Account, amount: int, now: datetime) -> Update:
    spent = f"spent_{account.currency}"
    most = {} if account.cap is None else {spent: account.cap - amount}
    return Update(
        _customer_key(account),
        add={spent: amount},
        first={"ttl": kept_until(now, MONTHS)},
        at_most=most,
        or_absent=spent if most else None,
    )


def _policy_said(item: Mapping[str, Any]) -> Mapping[str, Any]:
    rehearsal = from_json(item["rehearsal"]) if "rehearsal" in item else None
    return {**item, "document": from_json(item["document"]), "rehearsal": rehearsal}


def _order_key(order_id: str) -> Key:
    return {"pk": f"{ORDER}{order_id}", "sk": "REMEDIES"}


def _customer_key(account: Account) -> Key:
    return {"pk": f"CUSTOMER#{account.customer}", "sk": f"MONTH#{account.month}"}


def _budget_key(account: Account) -> Key:
    return {"pk": "BUDGET", "sk": f"MONTH#{account.month}#{account.currency}"}


def _month(month: str, shard: int) -> str:
    return f"MONTH#{month}#{shard}"


def _pointer(grant: Grant, order_id: str, now: datetime) -> Put:
    shard = crc32(grant.grant_id.encode()) % MONTH_SHARDS
    key = {"pk": _month(grant.month, shard), "sk": f"{grant.at}#{grant.grant_id}"}
    return Put({**key, "order_id": order_id, "ttl": kept_until(now, REMEDIES)})


def _waiting_key(grant: Grant) -> Key:
    return {"pk": AWAITING, "sk": f"{grant.at}#{grant.grant_id}"}


def _order(remedies: Remedies, now: datetime) -> Put:
    """Return the write of an order. Raises `PoisonError` where it does not fit into an item."""
    text = to_json(content_of(remedies))
    content = compressed(text)
    if len(content or text) > ORDER_BYTES:
        raise PoisonError(f"remedies: all that is known of {remedies.order_id} is more than {ORDER_BYTES:,} bytes")
    last = max([now, *(from_text(grant.expires_at) for grant in remedies.grants if grant.expires_at)])
    item = {**_order_key(remedies.order_id), "edition": remedies.edition}
    item |= {"text": text} if content is None else {"packed": content}
    due = due_at(remedies)
    if due is not None:
        item |= {"due_at": due, "due_shard": DUE_SHARDS[crc32(remedies.order_id.encode()) % len(DUE_SHARDS)]}
        last = max(last, from_text(due))
    item["ttl"] = kept_until(last, REMEDIES)
    before = {"equal": {"edition": remedies.edition - 1}} if remedies.edition > 1 else {"absent": ("pk",)}
    return Put(item, **before)


def _has_room(remedies: Remedies, written: Put) -> bool:
    """Tell whether an order as it is written leaves room for what is told and chosen of its grants."""
    content = written.values.get("packed")
    if content is None:
        return True
    later = sum(grant.open or grant.awaits for grant in remedies.grants)
    return len(content) + later * LATER_BYTES <= GRANTS_BYTES


def _remedies(order_id: str, item: Mapping[str, Any]) -> Remedies:
    text = expanded(item.get("text"), item.get("packed"))
    return remedies_of(order_id, item["edition"], from_json(text))
