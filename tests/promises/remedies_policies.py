"""Policies as Hypothesis draws them, and as a shop sets them."""

from typing import Any

from hypothesis import strategies as st

from tests.promises.remedies_noted import FEE, Ladder, Step, Terms

EUR, ILS = "EUR", "ILS"
STEPS = {
    "vouchers": (Step(2, {"voucher": 500}), Step(5, {"voucher": 1_500})),
    "choices": (
        Step(2, {"percent_off": 800, "voucher": 500}, "voucher"),
        Step(4, {"voucher": 900}),
        Step(6, {"percent_off": 1_600, "voucher": 700, "free_shipping": 1_200}),
    ),
    "fees": (Step(1, {FEE: 0}), Step(4, {"voucher": 1_200})),
    "fee or voucher": (Step(1, {FEE: 0, "voucher": 300}, FEE), Step(3, {FEE: 0, "voucher": 800})),
    "small": (Step(3, {"free_shipping": 200}),),
}
steps = st.sampled_from(list(STEPS.values()))
ladders = st.builds(
    lambda first, others: (first, *others),
    st.builds(Ladder, currency=st.just(EUR), steps=steps),
    st.lists(st.builds(Ladder, currency=st.sampled_from((EUR, ILS, ILS)), steps=steps), max_size=2),
)
policies = st.builds(
    Terms,
    ladders=ladders,
    budget=st.sampled_from((1_200, 3_000, *[100_000] * 4)),
    per_order=st.sampled_from((None, None, 1_700)),
    per_customer=st.sampled_from((None, None, 1_900)),
    approval=st.sampled_from((None, None, None, 0, 1_400)),
    grace_hours=st.sampled_from((*[0] * 6, 30)),
    holdout=st.sampled_from((*[0] * 8, 50)),
    choice_days=st.sampled_from((1, 14, 14)),
    valid_days=st.sampled_from((2, 30, 30)),
    percent_days=st.sampled_from((None, 3)),
    advertising=st.sampled_from((frozenset({"IL"}), frozenset({"IL", "DE"}))),
    revocable=st.sampled_from((frozenset({"IL", "DE"}), frozenset({"IL", "DE"}), frozenset({"DE"}), frozenset())),
    bound=st.sampled_from((frozenset(), frozenset(), frozenset({"IL"}), frozenset({"DE"}))),
)


def as_set(terms: Terms) -> dict[str, Any]:
    """Return a policy as a shop sets it."""
    return {"rules": _rules(terms), **_limits(terms)}


def money(amount: int, currency: str) -> dict[str, Any]:
    """Return an amount of minor units."""
    return {"amount": amount, "currency": currency}


def _rules(terms: Terms) -> list[dict[str, Any]]:
    return [
        {"name": f"r{number}", "levels": [_level(step, ladder.currency, terms.choice_days) for step in ladder.steps]}
        for number, ladder in enumerate(terms.ladders)
    ]


def _level(step: Step, currency: str, days: int) -> dict[str, Any]:
    made = [_remedy(kind, amount, currency) for kind, amount in step.worth.items()]
    if len(made) == 1:
        return {"days_late": step.days, "remedy": made[0]}
    otherwise = {} if step.otherwise is None else {"otherwise": step.otherwise}
    return {"days_late": step.days, "choice": {"remedies": made, "days": days, **otherwise}}


def _remedy(kind: str, amount: int, currency: str) -> dict[str, Any]:
    if kind == FEE:
        return {"kind": kind}
    percent = {"percent": 10} if kind == "percent_off" else {}
    return {"kind": kind, "amount": money(amount, currency), **percent}


def _limits(terms: Terms) -> dict[str, Any]:
    """Return all of a policy but its rules, as `document` takes it."""

    def each(amount: int | None) -> list[dict[str, Any]]:
        return [] if amount is None else [money(amount, EUR), money(amount, ILS)]

    countries = [
        {
            "country": country,
            "voucher_valid_days": terms.valid_days,
            "voucher_valid_days_by_kind": [
                {"kind": kind, "days": days}
                for kind, days in terms.lasts(country).items()
                if days != terms.valid_days or kind == "voucher"
            ],
            "vouchers_are_advertising": country in terms.advertising,
            "vouchers_are_revocable": country in terms.revocable,
            "vouchers_are_bound": country in terms.bound,
        }
        for country in ("DE", "IL")
    ]
    return {
        "monthly_budget": each(terms.budget),
        "per_order": each(terms.per_order),
        "per_customer_month": each(terms.per_customer),
        "approval_above": each(terms.approval),
        "grace_hours": terms.grace_hours,
        "holdout_percent": terms.holdout,
        "markets": countries,
    }
