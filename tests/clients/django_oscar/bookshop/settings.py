"""The bookshop's settings. What a shop adds for Standby stands at the end; all else is as django-oscar's guide says."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from oscar.defaults import *  # noqa: F403 - that is how django-oscar is set up

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[2]
DATA = Path(os.environ.get("OSCAR_DATA", ROOT / ".local" / "bookshop"))
OUTPUTS = Path(os.environ.get("STANDBY_OUTPUTS", ROOT / ".local" / "outputs.json"))
OUTPUT = json.loads(OUTPUTS.read_text("utf-8")) if OUTPUTS.exists() else {}
"""What `make up` wrote down; on AWS, the outputs of the stacks."""
SHOP_URL = OUTPUT.get("ClientUrl", "http://127.0.0.1:4590")
PORT = int(os.environ.get("OSCAR_PORT") or urlsplit(SHOP_URL).port or 80)

SECRET_KEY = "only for a shop on loopback"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [SHOP_URL]
ROOT_URLCONF = "bookshop.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
STATIC_URL, MEDIA_URL = "/static/", "/media/"
MEDIA_ROOT = DATA / "media"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # the shop's own mails are not what this is about

# One writer at a time, from the first statement of a transaction on, and the others wait for it: SQLite would otherwise
# refuse whoever read first and wants to write after somebody else did.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "bookshop.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 60,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

OSCAR_APPS = {
    name: f"oscar.apps.{name}.apps.{config}"
    for name, config in {
        "analytics": "AnalyticsConfig",
        "checkout": "CheckoutConfig",
        "address": "AddressConfig",
        "shipping": "ShippingConfig",
        "catalogue": "CatalogueConfig",
        "catalogue.reviews": "CatalogueReviewsConfig",
        "communication": "CommunicationConfig",
        "partner": "PartnerConfig",
        "basket": "BasketConfig",
        "payment": "PaymentConfig",
        "offer": "OfferConfig",
        "order": "OrderConfig",
        "customer": "CustomerConfig",
        "search": "SearchConfig",
        "voucher": "VoucherConfig",
        "wishlists": "WishlistsConfig",
        "dashboard": "DashboardConfig",
        "dashboard.reports": "ReportsDashboardConfig",
        "dashboard.users": "UsersDashboardConfig",
        "dashboard.orders": "OrdersDashboardConfig",
        "dashboard.catalogue": "CatalogueDashboardConfig",
        "dashboard.offers": "OffersDashboardConfig",
        "dashboard.partners": "PartnersDashboardConfig",
        "dashboard.pages": "PagesDashboardConfig",
        "dashboard.ranges": "RangesDashboardConfig",
        "dashboard.reviews": "ReviewsDashboardConfig",
        "dashboard.vouchers": "VouchersDashboardConfig",
        "dashboard.communications": "CommunicationsDashboardConfig",
        "dashboard.shipping": "ShippingDashboardConfig",
    }.items()
}
DJANGO_APPS = [
    *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
    *("django.contrib.messages", "django.contrib.staticfiles", "django.contrib.sites", "django.contrib.flatpages"),
]
OTHER_APPS = ["widget_tweaks", "haystack", "treebeard", "sorl.thumbnail", "django_tables2", "bookshop"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
                "care.context.standby",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["oscar.apps.customer.auth_backends.EmailBackend"]
HAYSTACK_CONNECTIONS = {
    "default": {"ENGINE": "haystack.backends.whoosh_backend.WhooshEngine", "PATH": str(DATA / "index")}
}

OSCAR_SHOP_NAME = "Harbour Books"
OSCAR_SHOP_TAGLINE = "read by the sea"
OSCAR_DEFAULT_CURRENCY = "EUR"
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_REQUIRED_ADDRESS_FIELDS = ("first_name", "last_name", "line1", "line4", "postcode", "country")
OSCAR_INITIAL_ORDER_STATUS = OSCAR_INITIAL_LINE_STATUS = "Pending"
OSCAR_ORDER_STATUS_PIPELINE = {"Pending": ("Shipped", "Cancelled"), "Shipped": (), "Cancelled": ()}

# ---------------------------------------------------------------------------- Standby

# The four apps of django-oscar of which something changes. None of them changes a table, so that their migrations stay.
FORKED = {
    "basket": "forks.basket.apps.BasketConfig",
    "checkout": "forks.checkout.apps.CheckoutConfig",
    "order": "forks.order.apps.OrderConfig",
    "partner": "forks.partner.apps.PartnerConfig",
}
MIGRATION_MODULES = {name: f"oscar.apps.{name}.migrations" for name in ("basket", "order", "partner")}
INSTALLED_APPS = [*DJANGO_APPS, "oscar.config.Shop", *{**OSCAR_APPS, **FORKED}.values(), *OTHER_APPS, "care"]

OSCAR_EAGER_ALERTS = False  # who waits, waits at Standby: nobody is mailed twice

STANDBY_API = OUTPUT.get("ApiUrl", "")
STANDBY_KEY = OUTPUT.get("ApiKey", "")
STANDBY_QUEUES = {
    queue: OUTPUT.get(f"{output}QueueUrl", "")
    for queue, output in {"stock": "StockUpdates", "orders": "OrderUpdates", "catalog": "CatalogUpdates"}.items()
}
STANDBY_MAILBOX = OUTPUT.get("MailboxUrl", "")
# On AWS: None. The local AWS serves every service at one address.
STANDBY_ENDPOINT = f"http://{urlsplit(STANDBY_MAILBOX).netloc}" if STANDBY_MAILBOX else None
