"""``make rotate-link-keys``: sign the links in mails with a new key; links that are out keep working.

First every function learns to read the new key; when none keeps the old secret any more, they sign with it. Broken off
in between, nothing is lost: run it again.
"""

import argparse
import secrets
import sys
import time
from datetime import timedelta

from standby.platform.clock import SystemClock
from standby.platform.secrets import KEPT_SECONDS
from standby.platform.tokens import promoted, staged

from infra.operations.place import PlaceError, arguments, chosen

KEY_BYTES = 48
KEPT_READABLE = timedelta(days=400)
"""Longer than any link lives: `leave` works for a year."""
MARGIN_SECONDS = 60.0


def main() -> int:
    """Stage a new key, wait until every function has seen it, promote it."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--wait", type=float, default=KEPT_SECONDS + MARGIN_SECONDS, help="seconds between the steps")
    said = parser.parse_args()
    try:
        place = chosen(said)
        arn = place.outputs["LinkKeysSecretArn"]
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    client = place.session.client("secretsmanager", endpoint_url=place.endpoint)
    secret = client.get_secret_value(SecretId=arn)["SecretString"]
    client.put_secret_value(SecretId=arn, SecretString=staged(secret, secrets.token_urlsafe(KEY_BYTES)))
    print(f"The new key can be read; in {said.wait:.0f} s every function knows it.")
    time.sleep(said.wait)
    secret = client.get_secret_value(SecretId=arn)["SecretString"]
    client.put_secret_value(SecretId=arn, SecretString=promoted(secret, now=SystemClock().now(), keep=KEPT_READABLE))
    print(f"New links are signed with the new key; the old key reads links for {KEPT_READABLE.days} days more.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
