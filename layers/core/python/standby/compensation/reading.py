"""A policy document, as its schema has read it, becomes a policy; what no schema can say is checked here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from standby.compensation.policy_model import (
    FEE_BACK,
    PERCENT_OFF,
    VOUCHER,
    Choice,
    Conditions,
    Level,
    Market,
    Policy,
    Remedy,
    Rule,
)
from standby.platform.json_text import to_json

Document = Mapping[str, Any]
ISRAEL = "IL"
ISRAELI_DAYS = 5 * 365 + 2
"""Five years: what a goodwill code must be valid for is unsettled there, a gift voucher that was bought has five.

Gift certificates are without restrictions there, so a code is neither taken back nor bound, unless the policy says so
of that market."""
ISRAELI_LEAST = 2 * 365 + 1
"""Two years: for so long a gift certificate is valid there, whatever a shop says (Consumer Protection Law, amendment
36). That a code is worth money is what makes it one, so it holds for gift vouchers."""
CHOICE_DAYS = 14
MOST_BYTES = 300_000
"""Of a policy that is set: an item of DynamoDB takes 400 KB."""
BY_KIND = "voucher_valid_days_by_kind"
EXCLUDED_CAUSES, EXCLUDED_TYPES = ("customer",), ("staff",)


class UnsoundError(ValueError):
    """A policy contradicts itself; ``wrong`` says where, in the words of a schema's errors."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("; ".join(wrong))
        self.wrong = wrong


def sound(document: Document) -> Policy:
    """Return the policy that a document says that is to be set, or rehearsed as if. Raises `UnsoundError`.

    It asks more than `policy_of`, which also reads what was set before anybody asked that.
    """
    policy = policy_of(document, version=0)
    wrong = [
        f"rules.{place}.when: no order is worth value_at_least and yet less than value_below"
        for place, rule in enumerate(policy.rules)
        if rule.when.below is not None and rule.when.below <= (rule.when.at_least or 0)
    ]
    countries = [each["country"] for each in document.get("markets") or ()]
    if len(set(countries)) < len(countries):
        wrong.append("markets: a country stands there twice")
    if policy.market(ISRAEL).valid_for(VOUCHER) < ISRAELI_LEAST:
        wrong.append(f"markets: gift vouchers are valid in {ISRAEL} for {ISRAELI_LEAST} days at least")
    if len(to_json(document).encode()) > MOST_BYTES:
        wrong.append(f"the policy has more than {MOST_BYTES:,} bytes")
    if wrong:
        raise UnsoundError(wrong)
    return policy


def policy_of(document: Document, version: int) -> Policy:
    """Return the policy that a document says. Raises `UnsoundError`."""
    wrong = list(_unsound(document))
    if wrong:
        raise UnsoundError(wrong)
    excluded = document.get("exclusions") or {}
    elsewhere = Market(
        document.get("voucher_valid_days", 365),
        advertising=False,
        by_kind=_days_by_kind(document),
    )
    return Policy(
        version=version,
        rules=tuple(_rule(said) for said in document["rules"]),
        per_order=_amounts(document.get("per_order")),
        per_customer_month=_amounts(document.get("per_customer_month")),
        monthly_budget=_amounts(document["monthly_budget"]),
        excluded_causes=frozenset(_or(excluded.get("causes"), EXCLUDED_CAUSES)),
        excluded_types=frozenset(map(str.casefold, _or(excluded.get("customer_types"), EXCLUDED_TYPES))),
        approval_above=_amounts(document.get("approval_above")),
        grace_hours=document.get("grace_hours", 0),
        holdout_percent=document.get("holdout_percent", 0),
        unpaid_too=not excluded.get("unpaid", True),
        markets=_markets(document.get("markets") or (), elsewhere),
        elsewhere=elsewhere,
    )


def _rule(said: Document) -> Rule:
    levels = [_level(level) for level in said["levels"]]
    return Rule(
        name=said["name"],
        levels=tuple(sorted(levels, key=lambda level: level.days_late)),
        when=_conditions(said.get("when") or {}),
    )


def _level(said: Document) -> Level:
    choice, remedy, call = said.get("choice"), said.get("remedy"), said.get("call", False)
    if choice is None:
        return Level(said["days_late"], None if remedy is None else remedy_of(remedy), call=call)
    remedies = tuple(remedy_of(each) for each in choice["remedies"])
    offered = Choice(remedies, choice.get("days", CHOICE_DAYS), choice.get("otherwise"))
    return Level(said["days_late"], choice=offered, call=call)


def _remedies(level: Document) -> Sequence[Document]:
    """Return what a level gives, or lets its customer choose from."""
    choice = level.get("choice")
    if choice is not None:
        said: Sequence[Document] = choice["remedies"]
        return said
    return [level["remedy"]] if level.get("remedy") else []


def remedy_of(said: Document) -> Remedy:
    """Return a remedy that stands somewhere in a document."""
    amount = said.get("amount") or {}
    return Remedy(
        said["kind"],
        amount.get("amount", 0),
        amount.get("currency"),
        said.get("percent"),
        minimum=(said.get("minimum") or {}).get("amount"),
        combinable=said.get("combinable", True),
        revocable=said.get("revocable", False),
        bound=said.get("bound", False),
    )


def _conditions(said: Document) -> Conditions:
    least, below = said.get("value_at_least"), said.get("value_below")
    return Conditions(
        causes=frozenset(said.get("causes") or ()),
        tiers=frozenset(said.get("tiers") or ()),
        countries=frozenset(said.get("countries") or ()),
        channels=frozenset(said.get("channels") or ()),
        categories=frozenset(said.get("categories") or ()),
        at_least=least and least["amount"],
        below=below and below["amount"],
        currency=(least or below or {}).get("currency"),
        policy=said.get("policy"),
    )


def _markets(said: Sequence[Document], elsewhere: Market) -> dict[str, Market]:
    """Return the countries that differ. What one says for all kinds counts before what all say for a kind."""
    found = {ISRAEL: Market(ISRAELI_DAYS, advertising=True, revocable=False, bound=False)}
    for each in said:
        usual = found.get(each["country"], elsewhere)
        days = each.get("voucher_valid_days")
        found[each["country"]] = Market(
            valid_days=_or(days, usual.valid_days),
            advertising=_or(each.get("vouchers_are_advertising"), usual.advertising),
            revocable=_or(each.get("vouchers_are_revocable"), usual.revocable),
            bound=_or(each.get("vouchers_are_bound"), usual.bound),
            by_kind={**(usual.by_kind if days is None else {}), **_days_by_kind(each)},
        )
    return found


def _days_by_kind(said: Document) -> dict[str, int]:
    return {each["kind"]: each["days"] for each in said.get(BY_KIND) or ()}


def _amounts(said: Sequence[Document] | None) -> dict[str, int]:
    return {each["currency"]: each["amount"] for each in said or ()}


def _or(said: Any, usual: Any) -> Any:  # noqa: ANN401 - whichever it is
    """Return what was said, and the usual where nothing was; an empty list says something."""
    return usual if said is None else said


def _unsound(document: Document) -> Iterator[str]:
    names = [rule["name"] for rule in document["rules"]]
    budgets = _amounts(document["monthly_budget"])
    for place, rule in enumerate(document["rules"]):
        where = f"rules.{place}"
        if names.count(rule["name"]) > 1:
            yield f"{where}.name: stands there twice"
        days = [level["days_late"] for level in rule["levels"]]
        if len(set(days)) < len(days):
            yield f"{where}.levels: two are of the same days_late"
        for number, level in enumerate(rule["levels"]):
            yield from _unsound_level(level, f"{where}.levels.{number}")
        currencies = set(_currencies(rule))
        if len(currencies) > 1:
            yield f"{where}: its amounts are in several currencies"
        yield from (
            f"monthly_budget: has no {currency}, in which {where} gives" for currency in currencies - budgets.keys()
        )
    for name in ("monthly_budget", "per_order", "per_customer_month", "approval_above"):
        said = document.get(name) or ()
        if len({each["currency"] for each in said}) < len(said):
            yield f"{name}: a currency stands there twice"
    places = {"": document} | {f"markets.{place}.": each for place, each in enumerate(document.get("markets") or ())}
    for where, said in places.items():
        if len(_days_by_kind(said)) < len(said.get(BY_KIND) or ()):
            yield f"{where}{BY_KIND}: a kind stands there twice"


def _unsound_level(level: Document, where: str) -> Iterator[str]:
    choice = level.get("choice")
    if level.get("remedy") is None and choice is None:
        if not level.get("call"):
            yield f"{where}: has a remedy, a choice or a call"
    elif level.get("remedy") is not None and choice is not None:
        yield f"{where}: has either a remedy or a choice"
    elif choice is None:
        yield from unsound_remedy(level["remedy"], f"{where}.remedy")
    else:
        kinds = [each["kind"] for each in choice["remedies"]]
        for number, remedy in enumerate(choice["remedies"]):
            yield from unsound_remedy(remedy, f"{where}.choice.remedies.{number}")
        if len(set(kinds)) < len(kinds):
            yield f"{where}.choice.remedies: two are of the same kind"
        if choice.get("otherwise") not in {None, *kinds}:
            yield f"{where}.choice.otherwise: is none of its remedies"


def unsound_remedy(remedy: Document, where: str) -> Iterator[str]:
    """Yield what contradicts itself in a remedy that stands somewhere in a document."""
    if (remedy.get("amount") is None) != (remedy["kind"] == FEE_BACK):
        yield f"{where}.amount: {'is the fee itself' if remedy['kind'] == FEE_BACK else 'missing'}"
    if (remedy.get("percent") is None) == (remedy["kind"] == PERCENT_OFF):
        yield f"{where}.percent: {'missing' if remedy['kind'] == PERCENT_OFF else 'only percent_off has one'}"
    if remedy["kind"] == FEE_BACK:
        yield from (
            f"{where}.{name}: only codes have one"
            for name, usual in (("minimum", None), ("combinable", True), ("revocable", False), ("bound", False))
            if remedy.get(name, usual) != usual
        )
    elif len({said["currency"] for said in (remedy.get("minimum"), remedy.get("amount")) if said}) > 1:
        yield f"{where}.minimum: is of another currency than the amount"


def _currencies(rule: Document) -> Iterator[str]:
    when = rule.get("when") or {}
    amounts = [remedy.get("amount") for level in rule["levels"] for remedy in _remedies(level)]
    amounts += [when.get("value_at_least"), when.get("value_below")]
    yield from (each["currency"] for each in amounts if each)
