"""The incidents put together with AWS; loaded when something is late."""

from standby.delivery.incident_repository import IncidentBook
from standby.delivery.incidents import Incidents
from standby.platform.clock import Clock


def incidents_of(table: str, clock: Clock) -> Incidents:
    """Build what knows incidents."""
    return Incidents(IncidentBook(table), clock)
