"""What answers of all features have in common, as types that the OpenAPI document is made of (`make schemas`).

A feature's answers are typed dictionaries in its ``answers`` module: the type checker holds the routes to them, and no
function imports them (each costs 0.1 ms of a cold start, a dataclass 1 ms). A key's docstring becomes its description.
"""

from typing import Annotated, Any, Literal, TypedDict

Instant = Annotated[str, ("format", "date-time")]
"""RFC 3339, in UTC."""
Day = Annotated[str, ("format", "date")]
Count = Annotated[int, ("minimum", 0)]


class Step(TypedDict):
    """One step of an explanation: what happened, by which rule, with which numbers."""

    at: Instant
    event: str
    rule: str
    numbers: dict[str, Any]


class Accepted(TypedDict):
    """The request was accepted. The answer does not tell whether the address is known."""

    status: Literal["accepted"]


class MessageRejected(TypedDict):
    """A message that was not accepted."""

    index: Count
    """Its place in the batch, from 0."""
    reason: str


class MessagesTaken(TypedDict):
    """How many messages were accepted, and what is wrong with the others."""

    accepted: Count
    rejected: list[MessageRejected]


class ProblemDocument(TypedDict):
    """A problem document (RFC 9457). Some problems say more, in members of their own."""

    type: Annotated[str, ("format", "uri-reference")]
    """Names the kind of problem, ``/problems/<slug>``; programs tell problems apart by it."""
    title: str
    status: int
    detail: str
    """Tells a person what is wrong with this request."""
    instance: Annotated[str, ("format", "uri-reference")]
    """The request's path."""


class GatewayMessage(TypedDict):
    """What the gateway itself answers, before a request reaches Standby."""

    message: str
