"""Money: an integer of minor units with an ISO 4217 currency, ``{"amount": 12990, "currency": "ILS"}`` (design §1)."""

MINOR_DIGITS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Currencies whose minor unit is not the hundredth (ISO 4217, list one of the maintenance agency)."""


def minor_digits(currency: str) -> int:
    """Return how many digits of an amount stand behind the decimal sign."""
    return MINOR_DIGITS.get(currency, 2)


def parts(amount: int, currency: str) -> tuple[int, str]:
    """Part the size of an amount into whole units and the digits behind the decimal sign."""
    digits = minor_digits(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    return whole, f"{rest:0{digits}d}" if digits else ""
