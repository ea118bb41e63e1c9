"""What delivery's routes answer."""

from standby.platform.answers import MessagesTaken as MessagesTaken  # noqa: PLC0414 - re-exported: a route answers it
