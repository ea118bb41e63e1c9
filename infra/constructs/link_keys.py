"""The keys that sign the links in mails."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.grant import Grant
from infra.constructs.rules import accept
from infra.stage import Stage

KEY_LENGTH = 64


class LinkKeys(Construct):
    """A secret ``{"current": "…", "retired": []}``; retained, because links in people's inboxes live for a year."""

    def __init__(self, scope: Construct, id_: str, *, stage: Stage) -> None:
        super().__init__(scope, id_)
        self._secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Keys of the signed links in Standby's mails",
            removal_policy=RemovalPolicy.RETAIN if stage.retained else RemovalPolicy.DESTROY,
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
            "does it when a key may have leaked, and links keep working (design, promise 11)",
        )

    @property
    def arn(self) -> str:
        """Return the secret's ARN (a reference to the secret is one too on AWS, but its name on the local AWS)."""
        return cast("secretsmanager.CfnSecret", self._secret.node.default_child).attr_id

    def readable(self) -> Grant:
        """Return the permission to read the keys."""
        return Grant(("secretsmanager:GetSecretValue",), (self.arn,))
