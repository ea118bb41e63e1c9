"""What PynamoDB records of several features have in common (design §8: features whose work is records)."""

from typing import Any

from botocore import register_initializer
from botocore.config import Config
from botocore.session import Session
from pynamodb.attributes import Attribute
from pynamodb.constants import STRING
from pynamodb.exceptions import GetError, PutError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from standby.platform.aws import USER_AGENT
from standby.platform.dynamodb import RETRIED_ERRORS, BusyError
from standby.platform.json_text import from_json, to_json

CONDITION_FAILED = "ConditionalCheckFailedException"


def name_ourselves(session: Session) -> None:
    """Give the clients that PynamoDB makes from a session our user agent.

    Left to itself, botocore puts the user agent together twice for each request.
    """
    session.set_default_client_config(Config(user_agent=USER_AGENT))


register_initializer(name_ourselves)


class JsonText(Attribute[Any]):
    """A value as JSON that escapes nothing beyond ASCII."""

    attr_type = STRING

    def serialize(self, value: Any) -> str:  # noqa: ANN401 - JSON
        """Write it."""
        return to_json(value)

    def deserialize(self, value: str) -> Any:  # noqa: ANN401 - JSON
        """Read it."""
        return from_json(value)


class Bounds:
    """How long a request may take, for a record's ``Meta``.

    Three attempts at the slowest end before an ingester's time does, with room for what it does beside.
    """

    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 3


def read_record(model: Any, key: str, sort: str) -> Any:  # noqa: ANN401 - a record class, and a record of it
    """Return a record as the last finished write left it, ``None`` where there is none.

    Raises `BusyError` when DynamoDB kept refusing for throttling.
    """
    try:
        return model.get(key, sort, consistent_read=True)
    except model.DoesNotExist:
        return None
    except GetError as error:
        if error.cause_response_code not in RETRIED_ERRORS:
            raise
        message = f"{key}: {error.cause_response_code}"
        raise BusyError(message) from error


def save_record(record: Model, condition: Condition) -> bool:
    """Write a record if the condition holds; tell whether it was."""
    try:
        record.save(condition)
    except PutError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
        return False
    return True
