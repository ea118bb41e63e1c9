"""Access: who may call the server routes."""

from aws_cdk import Duration
from standby.access.settings import AuthorizerSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.table import FeatureTable


class Access(Feature):
    """The table of hashed keys and the authorizer that reads it."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.table = FeatureTable(self, "Keys")
        self.authorizer = FeatureFunction(
            self,
            "Authorizer",
            settings=AuthorizerSettings(access_table=self.table.name),
            grants=[self.table.grant("dynamodb:GetItem")],
            timeout=Duration.seconds(5),
        )
        base.api.authorize(self.authorizer)
