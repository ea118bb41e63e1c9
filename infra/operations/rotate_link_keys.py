"""``make rotate-link-keys``: sign the links in mails with a new key. Links that were mailed before keep working.

Every function keeps the keys that it has read for some minutes. So the rotation has two steps and a wait between them:

1. The command stores the new key. Functions can read its links, but still sign with the old key.
2. Once every function has read the new key, the command makes it the one that signs. The old key still reads links.

If the command is stopped before step 2, run it again: it goes on with the key that it has stored.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from standby.platform.clock import Clock, SystemClock
from standby.platform.secrets import KEPT_SECONDS
from standby.platform.tokens import promoted, staged

from infra.operations.place import PlaceError, arguments, chosen

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEY_BYTES = 48
KEPT_READABLE = timedelta(days=400)
"""How long the old key still reads links: longer than any link lives (`leave` works for a year)."""
SEEN_SECONDS = KEPT_SECONDS + 60
"""How long to wait between the steps: by then every running function has read the secret again."""


@dataclass(frozen=True)
class Rotation:
    """The two steps of a rotation, and the wait between them."""

    client: "SecretsManagerClient"
    secret: str
    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], None] = time.sleep
    new_key: Callable[[], str] = lambda: secrets.token_urlsafe(KEY_BYTES)

    def run(self) -> None:
        """Store the new key, wait until every function has read it, then let it sign."""
        self._change(lambda text: staged(text, self.new_key()))
        print(
            "Step 1 of 2: the new key is stored. Functions still sign with the old one.\n"
            f"Waiting {SEEN_SECONDS:.0f} s, until every function has read the new key."
        )
        self.sleep(SEEN_SECONDS)
        self._change(lambda text: promoted(text, now=self.clock.now(), keep=KEPT_READABLE))
        print(
            "Step 2 of 2: the new key signs new links.\n"
            f"Links that the old key signed keep working; it reads them for {KEPT_READABLE.days} days more."
        )

    def _change(self, change: Callable[[str], str]) -> None:
        text = self.client.get_secret_value(SecretId=self.secret)["SecretString"]
        self.client.put_secret_value(SecretId=self.secret, SecretString=change(text))


def main() -> int:
    """Rotate the keys of the chosen place."""
    said = arguments(argparse.ArgumentParser(description=__doc__)).parse_args()
    try:
        place = chosen(said)
        secret = place.outputs["LinkKeysSecretArn"]
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    Rotation(place.session.client("secretsmanager", endpoint_url=place.endpoint), secret).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
