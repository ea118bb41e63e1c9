"""The replayed feed: what makes its outcome certain, whatever the order of delivery."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from infra.local import feed

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)


def made() -> feed.Feed:
    return feed.build(feed.read_sales(feed.SMALL), run="r1", now=NOW)


def levels(sent: Sequence[feed.Sent]) -> list[dict[str, Any]]:
    return [one.body for one in sent if not one.malformed and one.body["type"] == "stock.level"]


def test_a_feed_is_the_same_whenever_it_is_made() -> None:
    assert made() == made()


def test_the_newest_word_per_sku_gives_the_expected_levels_in_any_order() -> None:
    feed_ = made()
    messages = levels([*feed_.first, *feed_.second])
    random.Random(1).shuffle(messages)
    newest = {
        level["sku"]: level["on_hand"] for level in sorted(messages, key=lambda m: (m["as_of"], m.get("sequence", 0)))
    }
    assert newest == feed_.levels


def test_no_two_different_levels_of_a_sku_claim_the_same_moment() -> None:
    feed_ = made()
    said: dict[tuple[str, str, int], set[int]] = {}
    for level in levels([*feed_.first, *feed_.second]):
        said.setdefault((level["sku"], level["as_of"], level.get("sequence", 0)), set()).add(level["on_hand"])
    assert [moment for moment, quantities in said.items() if len(quantities) > 1] == []


def test_awaited_skus_run_out_in_the_first_part_and_only_the_delivered_come_back() -> None:
    feed_ = made()
    after_first = {
        level["sku"]: level["on_hand"]
        for level in sorted(levels(feed_.first), key=lambda m: (m["as_of"], m.get("sequence", 0)))
    }
    awaited = [*feed_.delivered, *feed_.never]
    assert {sku: after_first[sku] for sku in awaited} == dict.fromkeys(awaited, 0)
    assert all(feed_.levels[sku] > 0 for sku in feed_.delivered)
    assert all(feed_.levels[sku] == 0 for sku in feed_.never)
    assert {sent.restocks for sent in feed_.second} - {None} == set(feed_.delivered)


def test_nothing_was_observed_in_the_future_but_what_is_malformed_for_it() -> None:
    feed_ = made()
    assert all(level["as_of"] < NOW.isoformat() for level in levels([*feed_.first, *feed_.second]))


def test_cutting_into_queue_messages_loses_nothing_and_sends_text_alone() -> None:
    feed_ = made()
    groups = list(feed.bodies(feed_.first, random.Random(1)))
    assert [sent for group in groups for sent in group] == list(feed_.first)
    assert max(len(group) for group in groups) <= feed.MOST_IN_BATCH
    assert all(len(group) == 1 for group in groups for sent in group if isinstance(sent.body, str))
    assert all(json.loads(feed.written(group)) for group in groups if not isinstance(group[0].body, str))
