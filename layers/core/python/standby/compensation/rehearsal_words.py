"""What operators read of a rehearsal."""

from standby.compensation import policy_model as policy
from standby.compensation.past_orders import AS_NOW, NO_DAY_KNOWN
from standby.compensation.replaying import GRACE, WITHIN_GRACE
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
    policy.GRANTED_BEFORE: "as much was given for their lines before",
    policy.WORTH_NOTHING: "the remedy is worth nothing to them, as nothing was paid",
    policy.OTHER_CURRENCY: "something was given in another currency before",
    policy.GONE: "cancelled or sent back",
    policy.UNKNOWN_ORDER: "no order was known when the delay was told",
    policy.HELD_OUT: "the customer is held out, to compare",
    WITHIN_GRACE: "the delay was over within the grace, or the grace was not over yet",
    GRACE: "nobody looked whether the delay lasted as long as the grace; it counts as if it had",
    AS_NOW: "no policy was in force then, so the order counts as it is now",
    NO_DAY_KNOWN: "nobody knew a day, and the customer would have been asked first; it is left out",
}
"""Why nothing would have been given, or why it is not certain."""


def money(amount: int, currency: str) -> str:
    """Return minor units as operators read them, such as ``1,234.50 EUR``."""
    digits = minor_digits(currency)
    return f"{amount / 10**digits:,.{digits}f} {currency}"
