"""Access: who may call the server routes."""

from aws_cdk import Duration
from constructs import Construct
from standby.access.settings import AuthorizerSettings

from infra.constructs.function import FeatureFunction
from infra.constructs.house import House
from infra.constructs.table import FeatureTable


class Access(Construct):
    """The table of hashed keys and the authorizer that reads it."""

    def __init__(self, scope: Construct, id_: str, *, house: House) -> None:
        super().__init__(scope, id_)
        self.table = FeatureTable(self, "Keys", house=house)
        self.authorizer = FeatureFunction(
            self,
            "Authorizer",
            house=house,
            name="access_authorizer",
            settings=AuthorizerSettings(access_table=self.table.name),
            grants=[self.table.grant("dynamodb:GetItem")],
            timeout=Duration.seconds(5),
        )
        house.alarms.show(
            "Access",
            failures_and_throttles=[self.authorizer.errors(), self.authorizer.throttles()],
            duration_p99=[self.authorizer.duration()],
        )
