"""Puts this app in the place of django-oscar's."""

from oscar.apps.order import apps


class OrderConfig(apps.OrderConfig):
    name = "forks.order"
