"""Puts this app in the place of django-oscar's."""

from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    name = "forks.checkout"
