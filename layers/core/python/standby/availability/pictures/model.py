"""Why a picture could not be seen."""


class UnseenError(Exception):
    """A picture could not be looked at. ``again``: in a while it may be."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
