"""Compose Standby: one line for each feature. Each is a stack, and they stand in the order of deployment.

A new feature, say ``voucher``, is files of its own, and a line in two files that are there:

1. ``layers/core/python/standby/voucher/``: what it does. ``__init__`` tells its story, ``settings`` what its functions
   are told, ``routes`` its part of the HTTP API, ``schemas`` the bodies and messages that it takes, ``hears`` the
   events that it hears. Events that it publishes are a module of ``standby/events``. ``access`` is the smallest
   example, ``waitlist`` one that has all of it. Name it in the first layer of the import contract (`pyproject.toml`).
2. ``functions/voucher_<role>/handler.py``: one a function, such as ``voucher_api``, with samples in
   ``events/voucher_<role>/``, among them requests that succeed: `tests.test_answers` sends them.
3. ``infra/features/voucher.py``: its table, queues, functions and what these may do; here, its line before `Gateway`.
4. Each kind of mail is a folder, ``standby/mail/kinds/<kind>/`` (`standby.mail.kind`).
5. ``tests/standby/voucher/`` with ``scopes.json``, which says who may call its routes, and
   ``tests/functions/voucher_<role>/``. In ``tests/promises``, ``day_of_voucher.py`` uses everything that its
   functions may, and the ``SCENARIOS`` of ``test_killed_voucher.py`` are broken at every call
   (`tests.promises.killing`).

``make schemas wiring`` writes what is generated from these, and ``make quick`` tells what is missing. Names that others
hold (tables, addresses of queues, routes) are pinned from then on: `tests.infra.wired`.
"""

from aws_cdk import App

from infra.constructs.base import Base
from infra.features.access import Access
from infra.features.availability import Availability
from infra.features.catalog import Catalog
from infra.features.compensation import Compensation
from infra.features.delivery import Delivery
from infra.features.gateway import Gateway
from infra.features.mail import Mail
from infra.features.preorder import Preorder
from infra.features.stock import Stock
from infra.features.storefront import Storefront
from infra.features.waitlist import Waitlist
from infra.layers.build import Layers
from infra.stage import Stage


def compose(app: App, *, stage: Stage, layers: Layers) -> None:
    """Add the stacks of a stage to an app."""
    base = Base(app, stage=stage, layers=layers)
    Access(base)
    catalog = Catalog(base)
    stock = Stock(base, catalog=catalog)
    availability = Availability(base, stock=stock)
    mail = Mail(base, availability=availability)
    preorder = Preorder(base, mail=mail, stock=stock, availability=availability)
    Waitlist(base, mail=mail, stock=stock, availability=availability, preorder=preorder)
    delivery = Delivery(base, mail=mail, availability=availability)
    Compensation(base, mail=mail, delivery=delivery)
    Storefront(base)
    Gateway(base)
