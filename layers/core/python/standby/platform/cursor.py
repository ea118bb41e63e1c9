"""Where a page of items starts. Messages and answers carry cursors, so they come back from outside, too."""

from collections.abc import Mapping

Cursor = Mapping[str, str]
"""The key of the last item of a page: the next page starts behind it."""


class CursorError(ValueError):
    """A page cannot start where the cursor says: it is the cursor of another query, or none at all."""
