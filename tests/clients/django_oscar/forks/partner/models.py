"""The models are django-oscar's."""

from oscar.apps.partner.models import *  # noqa: F403 - as django-oscar's guide to forking says
