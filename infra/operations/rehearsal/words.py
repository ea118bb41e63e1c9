"""What operators read of a rehearsal."""

from standby.compensation import policy_model as policy
from standby.platform.money import minor_digits

WHY = {
    policy.NO_RULE: "no rule is for them, or none that could be decided",
    policy.TOO_SHORT: "not late enough for the first level of their rule",
    policy.ONLY_CALL: "a person calls, and nothing is given",
    policy.NO_BUDGET: "the month's budget had ended",
    policy.CAPPED: "a cap left nothing, or nothing was paid",
    policy.CAUSE: "the cause is excluded",
    policy.CUSTOMER_TYPE: "the customer's type is excluded",
    policy.UNPAID: "the order was not paid",
    policy.GONE: "cancelled or sent back",
}
"""Why nothing would have been given."""


def money(amount: int, currency: str) -> str:
    """Return minor units as operators read them, such as ``1,234.50 EUR``."""
    digits = minor_digits(currency)
    return f"{amount / 10**digits:,.{digits}f} {currency}"
