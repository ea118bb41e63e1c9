"""``make rotate-link-keys``: sign the links in mails with a new key. Links that were mailed before keep working.

Every function keeps the keys that it has read for a minute. So the rotation has two steps and a wait between them:

1. The command stores the new key. Functions can read its links, but still sign with the old key.
2. Once every function has read the new key, the command makes it the one that signs. The old key still reads links.

If the command is stopped before step 2, run it again: it goes on with the key that it has stored.

``now=1`` is for a key that leaked. It waits twice, so that nobody who signs up meanwhile meets a function that cannot
read the link, and so that nothing is signed with an old key once these are dead:

1. The command stores a new key beside the others.
2. Once every function can read it, it signs, and every older key gets an end: the moment of step 3. It comes even if
   the command is stopped here.
3. Once every function signs with the new key, the older keys are taken away. No link that was signed with one opens any
   more, and neither do the links of mails that wait in queues since before.

If the command is stopped before step 2, run it again with ``now=1``: it starts anew, with another key.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from standby.platform.clock import Clock, SystemClock
from standby.platform.secrets import KEPT_SECONDS, KeyStore
from standby.platform.table import Table
from standby.platform.tokens import LONGEST_LIFE, dropped, leaked, promoted, replaced, staged

from infra.operations.place import PlaceError, arguments, chosen

SEEN_SECONDS = KEPT_SECONDS + 60
"""How long to wait between the steps: by then every running function has read the keys again, whatever its clock."""
KEPT_READABLE = LONGEST_LIFE + timedelta(seconds=SEEN_SECONDS)
"""How long the old key still reads links: until the last one that a function signs with it has expired."""


class OvertakenError(Exception):
    """Another rotation came between the two steps of this one."""


@dataclass(frozen=True)
class Rotation:
    """The steps of a rotation, and the waits between them."""

    keys: KeyStore
    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Store the new key, wait until every function has read it, then let it sign."""
        self.keys.change(lambda text: staged(text, self.keys.new_key()))
        print(
            "Step 1 of 2: the new key is stored. Functions still sign with the old one.\n"
            f"Waiting {SEEN_SECONDS:.0f} s, until every function has read the new key."
        )
        self.sleep(SEEN_SECONDS)
        try:
            self.keys.change(lambda text: promoted(text, now=self.clock.now(), keep=KEPT_READABLE))
        except KeyError as error:
            raise OvertakenError("the new key is gone: another rotation came between, so this one is over") from error
        print(
            "Step 2 of 2: the new key signs new links.\n"
            f"Links that the old key signed keep working; it reads them for {KEPT_READABLE.days} days more."
        )

    def run_now(self) -> None:
        """Store a new key, let it sign once every function has read it, then take all others away."""
        new_key = self.keys.new_key()
        self.keys.change(lambda text: replaced(text, new_key))
        print(
            "Step 1 of 3: a new key is stored. Functions still sign with the one that leaked.\n"
            f"Waiting {SEEN_SECONDS:.0f} s, until every function can read links of the new key."
        )
        self.sleep(SEEN_SECONDS)
        keep = timedelta(seconds=SEEN_SECONDS)
        try:
            self.keys.change(lambda text: leaked(text, new_key, now=self.clock.now(), keep=keep))
        except KeyError as error:
            raise OvertakenError("the new key is gone: another rotation came between, so run this one again") from error
        print(
            "Step 2 of 3: the new key signs new links. The old keys read theirs until step 3, even if you stop here.\n"
            f"Waiting {SEEN_SECONDS:.0f} s, until every function signs with the new key."
        )
        self.sleep(SEEN_SECONDS)
        self.keys.change(lambda text: dropped(text, now=self.clock.now()))
        print(
            "Step 3 of 3: the old keys are gone.\n"
            "No link that was signed with one opens any more, to leave neither, nor does a link of a mail that was\n"
            "made before and is not sent yet. Whoever wants to leave finds a new link in the next mail.\n"
            f"Whoever signed up in the last {2 * SEEN_SECONDS / 60:.0f} minutes and has not confirmed yet may have to "
            "sign up again."
        )


def main() -> int:
    """Rotate the keys of the chosen place."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--now", action="store_true", help="a key leaked: no link that was mailed before works")
    said = parser.parse_args()
    try:
        place = chosen(said)
        table = place.outputs["LinkKeysTableName"]
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    rotation = Rotation(KeyStore(Table(table, place.session.client("dynamodb", endpoint_url=place.endpoint))))
    try:
        rotation.run_now() if said.now else rotation.run()
    except OvertakenError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
