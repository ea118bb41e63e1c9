"""The models are django-oscar's."""

from oscar.apps.basket.models import *  # noqa: F403 - as django-oscar's guide to forking says
