"""``make rehearse orders=orders.csv policy=policy.json``: what a policy would have cost, and a page that shows it.

Nothing is granted and AWS is not asked. The policy is the document of ``PUT /v1/policy``. The file is read row by row
(`infra.operations.rehearsal.orders`); of each row whose delivery was late the policy is asked, as of a delay that ended
so.
"""

import argparse
import json
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from standby.compensation.reading import UnsoundError, policy_of
from standby.compensation.rehearsal_page import Shown, page
from standby.compensation.rehearsal_words import WHY, money
from standby.compensation.rehearsing import Costs, Rehearsal, Sum
from standby.platform.money import CurrencyError, currency
from standby.platform.schema import UnfitError, reader

from infra.operations.command import run
from infra.operations.rehearsal.orders import NAMES, FileError, PastOrders, seen

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "build" / "rehearsal.html"
EXAMPLE = Path(__file__).with_name("example_policy.json")


def main() -> int:
    """Rehearse; 2 where the policy or the file cannot be read."""
    said = _arguments()
    try:
        rehearsal = _rehearsal(said.policy)
        before = None if said.against is None else _rehearsal(said.against)
        orders = PastOrders(path=said.orders, zone=said.zone, columns=dict(said.column), currency=said.currency)
        for past in orders.late():
            rehearsal.take(past)
            if before is not None:
                before.take(past)
    except (FileError, UnicodeDecodeError, OSError, UnfitError, UnsoundError, json.JSONDecodeError) as error:
        print(f"nothing was rehearsed: {error}", file=sys.stderr)
        return 2
    for line in told(orders, rehearsal, before):
        print(line)
    said.page.parent.mkdir(parents=True, exist_ok=True)
    said.page.write_text(page(shown(orders, rehearsal, before)), "utf-8")
    print(f"the page: {said.page.resolve().as_uri()}")
    if sys.stdout.isatty():
        webbrowser.open(said.page.resolve().as_uri())
    return 0


def _rehearsal(path: Path) -> Rehearsal:
    document = reader("standby.compensation", "policy")(json.loads(path.read_text("utf-8")))
    return Rehearsal(policy_of(document, version=0))


def shown(orders: PastOrders, rehearsal: Rehearsal, before: Rehearsal | None) -> Shown:
    """Return what the page shows."""
    counted = ", ".join(f"{number:,} {what}" for what, number in seen(orders).items())
    about = (
        f"{orders.path.name}: {orders.rows:,} rows: {counted}.",
        f"{rehearsal.orders:,} orders would have been given something.",
    )
    return Shown(about, rehearsal.costs, rehearsal.refused, None if before is None else before.costs)


def told(orders: PastOrders, rehearsal: Rehearsal, before: Rehearsal | None) -> Iterator[str]:
    """Yield what a terminal shows."""
    yield f"{orders.rows:,} rows: " + ", ".join(f"{number:,} {what}" for what, number in seen(orders).items())
    yield from (f"  {each}" for each in orders.wrong)
    if orders.without_value:
        yield f"of {orders.without_value:,} late ones nobody knows what they cost, so no percentage is for them"
    yield f"{rehearsal.orders:,} orders would have been given something"
    for named, costs in sorted(rehearsal.costs.items()):
        known = Costs() if before is None else before.costs.get(named, Costs())
        beside = "" if before is None else f" (the other policy: {money(known.total.amount, named)})"
        yield f"{money(costs.total.amount, named)} in all{beside}"
        for title, sums in (("rule", costs.by_rule), ("remedy", costs.by_kind), ("tier", costs.by_tier)):
            yield from _table(title, sums, named)
    yield from (f"  nothing: {number:7,}  {WHY[why]}" for why, number in rehearsal.refused.most_common())


def _table(title: str, sums: dict[str, Sum], named: str) -> Iterator[str]:
    for name, each in sorted(sums.items(), key=lambda item: -item[1].amount):
        yield f"  {title} {name or 'unknown':24} {each.count:7,} {money(each.amount, named):>18}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--orders", type=Path, required=True)
    parser.add_argument("--policy", type=Path, default=EXAMPLE)
    parser.add_argument("--against", type=Path, help="another policy, to compare with")
    parser.add_argument("--zone", type=_zone, default=ZoneInfo("UTC"), help="the shop's time zone")
    parser.add_argument("--currency", type=_currency, help="of all rows, where the file does not say it")
    parser.add_argument(
        "--column", type=_column, action="append", default=[], help="ours=theirs, for each that differs"
    )
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args()


def _zone(said: str) -> ZoneInfo:
    try:
        return ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{said} is no time zone") from error


def _currency(said: str) -> str:
    try:
        return currency(said)
    except CurrencyError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _column(said: str) -> tuple[str, str]:
    ours, _, theirs = said.partition("=")
    if ours not in NAMES or not theirs:
        raise argparse.ArgumentTypeError(f"{said}: say ours=theirs, and ours is one of {', '.join(sorted(NAMES))}")
    return ours, theirs


if __name__ == "__main__":
    run(main)
