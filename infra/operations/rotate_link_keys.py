"""``make rotate-link-keys``: sign the links in mails with a new key; links that are out keep working.

First every function learns to read the new key; when none keeps the old secret any more, they sign with it. Broken off
in between, nothing is lost: run it again.
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
"""Longer than any link lives: `leave` works for a year."""
SEEN_SECONDS = KEPT_SECONDS + 60
"""After this long every running function has read the secret again."""


@dataclass(frozen=True)
class Rotation:
    """The two steps of a rotation, and the wait between them."""

    client: "SecretsManagerClient"
    secret: str
    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], None] = time.sleep
    new_key: Callable[[], str] = lambda: secrets.token_urlsafe(KEY_BYTES)

    def run(self) -> None:
        """Let every function read the new key, then let them sign with it."""
        self._change(lambda text: staged(text, self.new_key()))
        print(f"The new key can be read; in {SEEN_SECONDS:.0f} s every function knows it, and then it signs.")
        self.sleep(SEEN_SECONDS)
        self._change(lambda text: promoted(text, now=self.clock.now(), keep=KEPT_READABLE))
        print(f"New links are signed with the new key; the old one reads links for {KEPT_READABLE.days} days more.")

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
