"""What the access functions are told by their environment."""

from dataclasses import dataclass

from standby.platform.settings import Environment


@dataclass(frozen=True, kw_only=True)
class AuthorizerSettings(Environment):
    """`access_authorizer`: who is calling, and with which scopes."""

    access_table: str
