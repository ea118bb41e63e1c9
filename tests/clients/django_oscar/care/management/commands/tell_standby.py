"""``manage.py tell_standby``: puts what the outbox holds on Standby's queues, for as long as it runs."""

import logging
import time

from django.core.management import BaseCommand

from care.relay import Relay

PAUSE_SECONDS = 0.2
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "tell Standby what happened in the shop, until it is stopped"

    def handle(self, **_options: object) -> None:
        """Tell, and look again a moment later; what was not told is told then."""
        relay = Relay()
        while True:
            try:
                told = relay.tell()
            except Exception:
                logger.exception("not told; it is tried again")
                told = 0
            if not told:
                time.sleep(PAUSE_SECONDS)
