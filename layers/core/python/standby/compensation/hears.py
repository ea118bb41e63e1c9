"""What compensation hears from the bus; the stack's rules and the consumer both read it."""

from typing import get_args

from standby.events.delay import ArrivalAnswered, DelayDetected

Record = DelayDetected | ArrivalAnswered
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""CompensationRecords: delays, and what customers say of shipments of which nobody knows whether they are there."""
