"""Hypothesis without its clock: how fast a busy machine is says nothing about a promise."""

from hypothesis import HealthCheck, settings

settings.register_profile("platform", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("platform")
