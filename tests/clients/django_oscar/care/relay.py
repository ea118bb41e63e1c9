"""Puts what the outbox holds on Standby's queues.

One process does it. What it tells twice, because it died in between, changes nothing.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import boto3
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oscar.core.loading import get_model

from care import messages
from care.models import OutboxMessage

MOST_AT_ONCE = 500
SQS_BATCH = 10
BEHIND_ORDERS_SECONDS = 30
"""So much later Standby hears of a level that orders changed. By then it has heard of the orders, whose units it holds
anyway. Any sooner, the same units would be held and committed for a moment, and nobody could buy others."""

Sent = list[tuple[str, int, messages.Message]]
"""Queue, seconds of delay, message."""


@dataclass
class Relay:
    """Tells Standby."""

    send: Callable[[Sent], None] = field(default_factory=lambda: Queues().send)

    def tell(self) -> int:
        """Tell what happened, and return of how much that was.

        It is read in one transaction, so that no level says it contains an order which is not committed yet.
        """
        with transaction.atomic():
            told = self._next()
            now = timezone.now()
            OutboxMessage.objects.filter(pk__in=[each.pk for each in told], as_of=None).update(as_of=now)
            sent = self._messages(told, now)
        if told:
            self.send(sent)
            OutboxMessage.objects.filter(pk__in=[each.pk for each in told]).delete()
        return len(told)

    def _next(self) -> list[OutboxMessage]:
        """Return orders first; a level is told only with all orders that it contains, or after them."""
        rows = OutboxMessage.objects.order_by("pk")
        orders = list(rows.filter(queue=OutboxMessage.ORDERS)[:MOST_AT_ONCE])
        if len(orders) == MOST_AT_ONCE:
            return orders
        return [*orders, *rows.exclude(queue=OutboxMessage.ORDERS)[:MOST_AT_ONCE]]

    def _messages(self, told: Iterable[OutboxMessage], now: datetime) -> Sent:
        sent: Sent = []
        newest = {(each.queue, each.subject): each.pk for each in told}
        ordered: set[str] = set()
        for each in told:
            if each.queue == OutboxMessage.ORDERS:
                said = {**each.body, "as_of": messages.instant(each.as_of or now), "sequence": each.pk}
                sent.append((each.queue, 0, said))
                ordered |= {line["sku"] for line in each.body.get("lines", ())}
        skus, slugs = (_of(newest, queue) for queue in (OutboxMessage.STOCK, OutboxMessage.CATALOG))
        records = get_model("partner", "StockRecord").objects.filter(partner_sku__in=skus)
        there = {record.partner_sku: record for record in records}
        for sku in skus:
            said = messages.level(sku, there.get(sku), now, newest[OutboxMessage.STOCK, sku])
            sent.append((OutboxMessage.STOCK, BEHIND_ORDERS_SECONDS if sku in ordered else 0, said))
        products = get_model("catalogue", "Product").objects.filter(slug__in=slugs)
        known = {each.slug: each for each in products if not each.is_child}
        children = {each.slug for each in products if each.is_child}
        for slug in slugs:
            if slug in known or slug not in children:
                sent.append((OutboxMessage.CATALOG, 0, messages.product(slug, known.get(slug), now)))
        return sent


class Queues:
    """Standby's queues on SQS."""

    @cached_property
    def _sqs(self) -> Any:
        return boto3.client("sqs", endpoint_url=settings.STANDBY_ENDPOINT)

    def send(self, sent: Sent) -> None:
        """Put messages on their queues, ten in a request. Raises where a queue did not take one."""
        for queue, url in settings.STANDBY_QUEUES.items():
            mine = [(delay, said) for to, delay, said in sent if to == queue]
            for first in range(0, len(mine), SQS_BATCH):
                entries = [
                    {"Id": str(number), "MessageBody": json.dumps(said), "DelaySeconds": delay}
                    for number, (delay, said) in enumerate(mine[first : first + SQS_BATCH])
                ]
                answer = self._sqs.send_message_batch(QueueUrl=url, Entries=entries)
                if answer.get("Failed"):
                    raise RuntimeError(f"{queue}: {answer['Failed']}")


def _of(subjects: Iterable[tuple[str, str]], queue: str) -> list[str]:
    return [subject for named, subject in subjects if named == queue]
