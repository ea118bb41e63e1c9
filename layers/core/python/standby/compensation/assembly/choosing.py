"""What takes a customer's choice put together with AWS: loaded once somebody does more than look."""

from typing import TYPE_CHECKING

from standby.compensation.assembly.granting import assemble as assemble_granting
from standby.compensation.choosing import Choosing
from standby.platform.observability import counter

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.compensation.settings import GrantingSettings


def assemble(settings: "GrantingSettings", metrics: "Metrics") -> Choosing:
    """Build what ends choices; it counts in ``metrics``."""
    issuer, book = assemble_granting(settings, counter(metrics))
    return Choosing(issuer=issuer, book=book, clock=issuer.clock)
