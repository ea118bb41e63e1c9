"""A voucher's code: 84 bits that nobody can guess, in letters that nobody mistakes, with a letter that finds mistakes.

A code is made from a secret key and the id of its grant, so it is nowhere kept: whoever has the key makes it again, and
tables have only its hash. The keys are those of mailed links; each that is still read is tried.
"""

import hashlib
import hmac

from standby.platform.address import visible
from standby.platform.tokens import TokenKeys

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31, which is prime: no two of its places can be mistaken for one another without the last letter telling."""
LETTERS = 17
"""Of the code itself: 31 ** 17 is more than 2 ** 84."""
GROUP = 6
WEIGHTS = range(LETTERS + 1, 0, -1)
"""Of all letters, that of the last is 1. They differ, and none is a multiple of 31: one wrong letter, and two that
changed places, change the sum (as of ISBN-10)."""
PLACES = {letter: place for place, letter in enumerate(ALPHABET)}


def codes_of(keys: TokenKeys, grant_id: str) -> list[str]:
    """Return the code of a grant by each key that is known, by the one that signs first."""
    every = [keys.current, keys.next, *(retired.key for retired in keys.retired)]
    return [_code(key, grant_id) for key in every if key]


def digest(code: str) -> str:
    """Return by what a code is kept."""
    return hashlib.sha256(f"standby.voucher {code}".encode()).hexdigest()


def read(typed: str) -> str | None:
    """Return a code as it is written, however somebody typed it; ``None`` where it can be none of ours."""
    letters = "".join(letter for letter in visible(typed).upper() if letter != "-")
    if len(letters) != LETTERS + 1 or not set(letters) <= PLACES.keys():
        return None
    return _grouped(letters) if _sum(letters) == 0 else None


def _code(key: str, grant_id: str) -> str:
    number = int.from_bytes(hmac.digest(key.encode(), f"standby.voucher\0{grant_id}".encode(), "sha256"))
    letters = ""
    for _ in range(LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return _grouped(letters + ALPHABET[-_sum(letters) % len(ALPHABET)])


def _sum(letters: str) -> int:
    return sum(weight * PLACES[letter] for weight, letter in zip(WEIGHTS, letters, strict=False)) % len(ALPHABET)


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
