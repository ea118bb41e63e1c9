"""What the access functions are told by their environment."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class AuthorizerSettings(Environment):
    """`access_authorizer`: who is calling, and with which scopes."""

    access_table: str
