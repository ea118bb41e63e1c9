"""``manage.py shop``: makes the bookshop where there is none, tells Standby all of it, and serves it."""

import threading
from argparse import ArgumentParser

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import BaseCommand, CommandError, call_command
from django.core.wsgi import get_wsgi_application
from waitress import serve

from bookshop import goods

THREADS, MOST_CONNECTIONS = 8, 1_000


class Command(BaseCommand):
    help = "serve the bookshop on 127.0.0.1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many requests are served at once."""
        parser.add_argument("--threads", type=int, default=THREADS)

    def handle(self, *, threads: int, **_options: object) -> None:
        """Serve until it is stopped."""
        with_standby = apps.is_installed("care")
        if with_standby and not settings.STANDBY_API:
            raise CommandError("Standby is not there: make up starts it")
        self.stdout.write("· tables and goods (half a minute the first time)")
        self.stdout.flush()
        settings.DATA.mkdir(parents=True, exist_ok=True)
        call_command("migrate", run_syncdb=True, verbosity=0)
        goods.put_on_the_shelf()
        call_command("rebuild_index", interactive=False, verbosity=0)
        if with_standby:
            goods.tell_everything()
            threading.Thread(target=call_command, args=["tell_standby"], daemon=True).start()
        self.stdout.write(
            f"{settings.OSCAR_SHOP_NAME}  {settings.SHOP_URL}\n"
            f"its dashboard  {settings.SHOP_URL}/dashboard/  ({goods.STAFF}, {goods.PASSWORD})\n"
            f"the mailbox    {settings.STANDBY_MAILBOX}"
        )
        self.stdout.flush()
        application = StaticFilesHandler(get_wsgi_application())
        serve(
            application,
            host="127.0.0.1",
            port=settings.PORT,
            threads=threads,
            connection_limit=MOST_CONNECTIONS,
            _quiet=True,
        )
