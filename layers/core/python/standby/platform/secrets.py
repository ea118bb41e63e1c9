"""The keys of signed links, read from Secrets Manager and kept for a minute."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from standby.platform import aws
from standby.platform.tokens import TokenKeys, Tokens

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_SECONDS = 60.0
"""How long a function goes on with keys that were changed. `make rotate-link-keys` waits for it."""


@dataclass
class SecretTokens:
    """Tokens whose keys live in a secret; a rotation is seen within a minute."""

    secret_arn: str
    client: "SecretsManagerClient"
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _kept: tuple[float, Tokens] | None = field(default=None, init=False, repr=False)

    def tokens(self) -> Tokens:
        """Return the maker and reader of tokens with the keys as they are now."""
        if self._kept is None or self.monotonic() - self._kept[0] > KEPT_SECONDS:
            text = self.client.get_secret_value(SecretId=self.secret_arn)["SecretString"]
            self._kept = (self.monotonic(), Tokens(TokenKeys.from_secret(text)))
        return self._kept[1]


def connect(secret_arn: str) -> SecretTokens:
    """Return the tokens whose keys are in the secret with this ARN."""
    return SecretTokens(secret_arn, aws.client("secretsmanager"))
