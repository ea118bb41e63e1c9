"""DynamoDB for the hot paths: botocore's client, our own mapping, jittered retries (design §8).

`standby.platform.table` writes the requests and their expressions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from standby.platform import aws
from standby.platform.backoff import Backoff as Backoff  # noqa: PLC0414 - re-exported: repositories take one
from standby.platform.backoff import BusyError as BusyError  # noqa: PLC0414 - re-exported: repositories raise it

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item in Python values: ``str``, ``int``, ``bool``, lists, mappings with text keys, sets of ``str`` or ``int``."""

BATCH_GET_LIMIT = 100
RETRIED_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
RETRIED_ERRORS = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "InternalServerError",
    }
)


class ConditionFailedError(Exception):
    """A condition of a write did not hold; nothing was written.

    ``reasons`` has one entry per item of the transaction (one for a single write): ``None`` where the condition
    held, else the item as it was (``{}`` when there was none, or when it was not asked for with ``ALL_OLD``).
    """

    def __init__(self, reasons: Sequence[Item | None]) -> None:
        super().__init__(f"{sum(reason is not None for reason in reasons)} of {len(reasons)} conditions failed")
        self.reasons = tuple(reasons)


def client(region: str | None = None) -> "DynamoDBClient":
    """Return a client with short time-outs and the SDK's standard retries."""
    made: DynamoDBClient = aws.client(
        "dynamodb",
        region=region,
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=2,
        read_timeout=5,
    )
    return made


def to_value(value: Any) -> dict[str, Any]:  # noqa: ANN401, C901, PLR0911 - one return per DynamoDB type
    """Write one Python value in DynamoDB's JSON.

    Raises ``TypeError`` for what has no place there: other kinds, sets that are empty or mix texts and numbers.
    """
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, Mapping):
        return {"M": {key: to_value(inner) for key, inner in value.items()}}
    if isinstance(value, (set, frozenset)) and value:
        if all(isinstance(member, str) for member in value):
            return {"SS": sorted(value)}
        if all(isinstance(member, int) and not isinstance(member, bool) for member in value):
            return {"NS": [str(member) for member in sorted(value)]}
    if isinstance(value, (list, tuple)):
        return {"L": [to_value(inner) for inner in value]}
    if isinstance(value, bytes):
        return {"B": value}
    message = f"{type(value).__name__} has no place in DynamoDB"
    raise TypeError(message)


def from_value(value: Mapping[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - the inverse of to_value
    """Read one value of DynamoDB's JSON; numbers must be whole."""
    ((kind, inner),) = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return inner
        case "N":
            return int(inner)
        case "NULL":
            return None
        case "M":
            return {key: from_value(nested) for key, nested in inner.items()}
        case "L":
            return [from_value(nested) for nested in inner]
        case "SS":
            return frozenset(inner)
        case "NS":
            return frozenset(int(member) for member in inner)
    message = f"{kind} is not a type that Standby stores"
    raise TypeError(message)


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write an item, leaving out what is ``None`` or an empty set (DynamoDB has no empty sets)."""
    return {
        name: to_value(value)
        for name, value in values.items()
        if value is not None and not (isinstance(value, (set, frozenset)) and not value)
    }


def from_item(item: Mapping[str, Any]) -> Item:
    """Read an item. Raises ``ValueError`` or ``TypeError`` when one of its attributes cannot be read."""
    return {name: from_value(value) for name, value in item.items()}


class SpoiltItem(Item):
    """An item of which some attributes cannot be read. Whoever asks for one of them gets a ``ValueError``.

    So it fails where its own turn is, and costs the others that are read along with it nothing.
    """

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__()
        self.spoilt: dict[str, Exception] = {}
        for name, value in item.items():
            try:
                self[name] = from_value(value)
            except (TypeError, ValueError) as error:
                self.spoilt[name] = error

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - whatever the attribute is
        return super().__getitem__(self._readable(name))

    def __contains__(self, name: object) -> bool:
        return super().__contains__(self._readable(name))

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as above
        """Return an attribute, or the default where there is none."""
        return super().get(self._readable(name), default)

    def _readable(self, name: Any) -> Any:  # noqa: ANN401 - as above
        if name in self.spoilt:
            message = f"{name}: {self.spoilt[name]}"
            raise ValueError(message)
        return name


def one_of_many(item: Mapping[str, Any]) -> Item:
    """Read an item that is read along with others; where it cannot be read, it is a `SpoiltItem`."""
    try:
        return from_item(item)
    except (TypeError, ValueError):
        return SpoiltItem(item)


def write(call: Callable[[], Any], *, backoff: Backoff) -> Any:  # noqa: ANN401 - whatever the call returns
    """Run one request (a closure over ``client.update_item`` and the like) with jittered retries.

    Raises `ConditionFailedError` when a condition did not hold; for a transaction, only when nothing else went wrong.
    Raises `BusyError` when contention or throttling outlasted the attempts. Other errors pass.
    """
    for attempt in range(backoff.attempts):
        if attempt:
            backoff.pause(attempt - 1)
        try:
            return call()
        except ClientError as error:
            if not _mendable(error):
                raise
    message = f"DynamoDB was busy {backoff.attempts} times"
    raise BusyError(message)


def batch_get(
    dynamodb: "DynamoDBClient",
    table: str,
    keys: Iterable[Mapping[str, Any]],
    *,
    backoff: Backoff,
    consistent: bool = True,
) -> list[Item]:
    """Read many items of one table, 100 keys a request, and ask again for unprocessed keys.

    The items come in no order, those that cannot be read as `SpoiltItem`. A key that is named twice is read once.
    Raises `BusyError` when keys stay unprocessed.
    """
    wanted = list({repr(sorted(key.items())): to_item(key) for key in keys}.values())
    found: list[Item] = []
    for start in range(0, len(wanted), BATCH_GET_LIMIT):
        pending: Any = {table: {"Keys": wanted[start : start + BATCH_GET_LIMIT], "ConsistentRead": consistent}}
        for attempt in range(backoff.attempts):
            if attempt:
                backoff.pause(attempt - 1)
            answer = write(partial(dynamodb.batch_get_item, RequestItems=pending), backoff=backoff)
            found.extend(one_of_many(item) for item in answer["Responses"].get(table, ()))
            pending = answer.get("UnprocessedKeys")
            if not pending:
                break
        else:
            message = f"{table}: keys stayed unprocessed {backoff.attempts} times"
            raise BusyError(message)
    return found


def _mendable(error: ClientError) -> bool:
    """Tell whether trying again may help; raise `ConditionFailedError` where a condition is the only reason."""
    answer: Any = error.response
    code = answer.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        raise ConditionFailedError([one_of_many(answer.get("Item", {}))]) from error
    if code == "TransactionCanceledException":
        reasons = answer.get("CancellationReasons", ())
        codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
        if codes & RETRIED_REASONS:
            return True
        if codes == {"ConditionalCheckFailed"}:
            failed = [
                one_of_many(reason.get("Item", {})) if reason.get("Code") == "ConditionalCheckFailed" else None
                for reason in reasons
            ]
            raise ConditionFailedError(failed) from error
        return False
    return code in RETRIED_ERRORS
