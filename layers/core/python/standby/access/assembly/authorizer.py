"""The authorizer put together with AWS, as its function's settings say."""

from standby.access.repository import KeyRepository
from standby.access.service import Authorizer
from standby.access.settings import AuthorizerSettings


def assemble(settings: AuthorizerSettings) -> Authorizer:
    """Build the authorizer."""
    return Authorizer(KeyRepository(settings.access_table))
