"""The same shop without Standby, to compare with: django-oscar as it comes."""

from copy import deepcopy

from bookshop import settings
from bookshop.quick import NoMigrations
from bookshop.settings import *  # noqa: F403 - all else is the same

INSTALLED_APPS = [*settings.DJANGO_APPS, "oscar.config.Shop", *settings.OSCAR_APPS.values(), *settings.OTHER_APPS]
MIGRATION_MODULES = NoMigrations()
TEMPLATES = deepcopy(settings.TEMPLATES)
TEMPLATES[0]["DIRS"] = []
TEMPLATES[0]["OPTIONS"]["context_processors"].remove("care.context.standby")
OSCAR_EAGER_ALERTS = True
