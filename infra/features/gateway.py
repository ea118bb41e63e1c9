"""Gateway: the API becomes reachable, and the dashboard shows everybody. It is the last stack of a stage."""

from infra.constructs.api import ApiStage
from infra.constructs.base import Base
from infra.constructs.cdn import Cdn
from infra.constructs.dashboard import Dashboard
from infra.constructs.feature import Feature


class Gateway(Feature):
    """The API's stage with its access log, the CDN before it where the shop wants one, and the dashboard."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        *others, _ = base.features
        for feature in others:
            self.add_stack_dependency(feature, "its routes come before the stage")
        ApiStage(self, "Api")
        shop = self.stage.shop
        if shop.cdn_certificate is not None:
            Cdn(self, "Cdn", public_url=self.public_url, certificate_arn=shop.cdn_certificate)
        Dashboard(self, "Dashboard", features=[self, *others])
