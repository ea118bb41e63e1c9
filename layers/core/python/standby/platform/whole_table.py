"""Reading a table from end to end, a page at a time: for what is so rare that no index is worth its price."""

from collections.abc import Sequence

from standby.platform.cursor import Cursor
from standby.platform.table import PRIMARY, Page, Table, page


def page_of_all(table: Table, sort: str, only: Sequence[str], *, limit: int, cursor: Cursor | None = None) -> Page:
    """Look at ``limit`` items of a table, consistently, and return those of them that have one sort key.

    ``only`` names the attributes that are wanted. Raises `CursorError`.
    """
    wanted = {f"#only_{name}": name for name in only}
    request = {
        "TableName": table.name,
        "ConsistentRead": True,
        "Limit": limit,
        "FilterExpression": "#sk = :sk",
        "ProjectionExpression": ", ".join(wanted),
        "ExpressionAttributeNames": {"#sk": PRIMARY.sort, **wanted},
        "ExpressionAttributeValues": {":sk": {"S": sort}},
    }
    return page(table.dynamodb.scan, request, PRIMARY, cursor)
