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


_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER "
    "ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())
"""The codes with a minor unit (same list, published on 2026-01-01). What is no money, such as gold and test codes, has
none. A test compares them with the currencies that the CLDR says are tender somewhere."""


class CurrencyError(ValueError):
    """The text is no currency; the error says why, without the field's name."""


def currency(said: object) -> str:
    """Return a currency's code. Raises `CurrencyError`."""
    code = said.strip() if isinstance(said, str) else None
    if code not in CURRENCIES:
        raise CurrencyError(f"{said!r:.20} is no currency of ISO 4217, such as EUR or ILS")
    return code


def minor_digits(currency: str) -> int:
    """Return how many digits of an amount stand behind the decimal sign."""
    return MINOR_DIGITS.get(currency, 2)


def parts(amount: int, currency: str) -> tuple[int, str]:
    """Part the size of an amount into whole units and the digits behind the decimal sign."""
    digits = minor_digits(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    return whole, f"{rest:0{digits}d}" if digits else ""
