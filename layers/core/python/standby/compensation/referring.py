"""What mails about remedies are called where Mail speaks of them, as when one is not sent after all."""

FORM, MANY = "c1", "c2"
"""Begin the reference of a mail about one remedy, and about many, so that no other feature takes it for its own."""


def of_grant(grant_id: str) -> str:
    """Return the reference of what is told of one grant: the code that is taken back is in no mail after that."""
    return f"{FORM}~{grant_id}"


def of_many(order_id: str, mail: str) -> str:
    """Return the reference of the one mail that brings several grants of an order, which is named ``mail`` there."""
    return f"{MANY}~{mail}~{order_id}"


def many(reference: str) -> tuple[str, str] | None:
    """Return the order of a mail for several grants, and how it is named there; ``None``: it is none of these."""
    form, _, said = reference.partition("~")
    mail, _, order_id = said.partition("~")
    return (order_id, mail) if form == MANY and order_id else None
