"""Storefront: the elements that a shop's pages load."""

from aws_cdk import Duration
from standby.storefront.settings import ApiSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction


class Storefront(Feature):
    """One function with the bundle in a layer; it may do nothing in AWS."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(),
            grants=[],
            timeout=Duration.seconds(10),
            reads="storefront",
        )
        base.api.serve(self.api)
