"""The keys that sign the links in mails."""

from dataclasses import dataclass
from typing import cast

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack
from infra.constructs.rules import accept

KEY_LENGTH = 64


@dataclass(frozen=True)
class LinkKeysHandle:
    """The keys as another stack knows them."""

    arn: str

    def readable(self) -> Grant:
        """Return the permission to read the keys."""
        return Grant(("secretsmanager:GetSecretValue",), (self.arn,))


class LinkKeys(Construct):
    """A secret ``{"current": "…", "retired": []}``; retained, because links in people's inboxes live for a year.

    Any change in ``generate_secret_string`` makes a new key; then every link that was mailed before answers 404.
    """

    def __init__(self, stack: HouseStack, id_: str) -> None:
        super().__init__(stack, id_)
        self._stack = stack
        self._secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Keys of the signed links in Standby's mails",
            removal_policy=stack.stage.keeps,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template='{"retired": []}',  # noqa: S106 - the shape around the generated key
                generate_string_key="current",
                exclude_punctuation=True,
                password_length=KEY_LENGTH,
            ),
        )
        accept(
            self._secret,
            "AwsSolutions-SMG4",
            "rotating moves the current key to the retired ones, which no rotation function of AWS does; a person "
            "does it, and links keep working; after a leak with now=1, and none does (design, promise 11)",
        )

    @property
    def arn(self) -> str:
        """Return the secret's ARN. A plain reference is the ARN on AWS as well, but the local AWS makes it the name."""
        return cast("secretsmanager.CfnSecret", self._secret.node.default_child).attr_id

    def seen_from(self, reader: HouseStack) -> LinkKeysHandle:
        """Return the keys as another stack knows them."""
        return LinkKeysHandle(reader.reads(self._stack, "LinkKeys/arn", self.arn))
