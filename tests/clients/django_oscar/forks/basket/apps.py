"""Puts this app in the place of django-oscar's."""

from oscar.apps.basket import apps


class BasketConfig(apps.BasketConfig):
    name = "forks.basket"
