"""The tags by which SES says of which recipient it speaks when it does not send a mail that it accepted.

They hold the job's reference itself, in the letters that SES allows, so that nothing needs to be stored for a mail that
goes out like almost all of them. What SES refuses after all comes back with its tags.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence

NAME = "reference-"
LONGEST = 256
"""Characters of a tag's value; longer references take several tags."""


def tags(reference: str) -> dict[str, str]:
    """Return the tags that say a reference: values of ``A-Z a-z 0-9 _ -``."""
    said = urlsafe_b64encode(reference.encode()).decode().rstrip("=")
    return {f"{NAME}{start // LONGEST}": said[start : start + LONGEST] for start in range(0, len(said), LONGEST)}


def reference(tagged: Mapping[str, Sequence[str]]) -> str | None:
    """Read the reference from an event's tags; ``None`` where a mail was sent without. Raises ``ValueError``."""
    parts = [tagged[name][0] for name in sorted(tagged) if name.startswith(NAME)]
    said = "".join(parts)
    return urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode() if said else None
