"""Puts this app in the place of django-oscar's."""

from oscar.apps.partner import apps


class PartnerConfig(apps.PartnerConfig):
    name = "forks.partner"
