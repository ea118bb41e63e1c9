"""Clients of AWS services, all made from one botocore session and with one user agent.

No function needs boto3, a layer above botocore. With boto3, importing it and making one client take 9 % more
instructions.
"""

from functools import cache
from typing import Any

from botocore import __version__
from botocore.config import Config
from botocore.session import Session

USER_AGENT = f"standby botocore/{__version__}"


@cache
def session() -> Session:
    """Return the process's session; credentials and models that one client has read serve the others."""
    return Session()


def client(service: str, *, region: str | None = None, **options: Any) -> Any:  # noqa: ANN401 - made at run time
    """Return a client of a service; ``options`` are more options of botocore's ``Config``.

    Left to itself, botocore puts a user agent together for each request; ours is a fixed text. Botocore also compares
    each request with its model; AWS refuses malformed requests anyway, and the tests compare. Leaving out both halves
    the CPU of a small call.
    """
    config = Config(user_agent=USER_AGENT, parameter_validation=False, **options)
    return session().create_client(service, region_name=region, config=config)
