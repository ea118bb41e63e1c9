"""What the storefront function is told by its environment."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`storefront_api`: nothing; the bundle comes with its layer."""
