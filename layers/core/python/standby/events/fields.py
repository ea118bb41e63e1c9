"""The types of events' fields: what Python checks, and beside it what the published JSON Schema says.

The pairs behind a type are words of JSON Schema; they are tuples, so that a type can be looked up in a mapping.
"""

from collections.abc import Sequence
from typing import Annotated

MOST_REFERENCES = 50
"""The most recipients that a mail job may have."""

EventId = Annotated[
    str, ("description", "names what happened; it is the same when the event is told again"), ("minLength", 1)
]
Instant = Annotated[str, ("format", "date-time"), ("description", "RFC 3339, UTC")]
Day = Annotated[str, ("format", "date"), ("description", "a calendar date in the shop's time zone")]
Sku = Annotated[str, ("minLength", 1), ("maxLength", 100)]
Revision = Annotated[int, ("minimum", 0), ("description", "the SKU's revision; ignore lower ones than you have seen")]
Units = Annotated[int, ("minimum", 0)]
Address = Annotated[str, ("minLength", 1), ("description", "a key made from an e-mail address, which it hides")]
References = Annotated[Sequence[str], ("maxItems", MOST_REFERENCES)]
Addresses = Annotated[Sequence[str], ("maxItems", MOST_REFERENCES), ("description", "keys made from e-mail addresses")]
