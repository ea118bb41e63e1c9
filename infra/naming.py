"""The names of a stage's stacks, of the values that they leave for one another, and of its metrics."""

import re

STAGE = re.compile(r"[a-z][a-z0-9-]{0,20}")
STACK = re.compile(rf"Standby-(?P<stage>{STAGE.pattern})-(?P<title>[A-Z][A-Za-z0-9]*)")
"""A title begins with a capital, so that the stacks of ``prod`` are never taken for those of ``prod-eu``."""
PARAMETERS = "/standby/"


def stack_name(stage: str, title: str) -> str:
    """Return a stack's name, e.g. ``Standby-prod-Stock``."""
    return f"Standby-{stage}-{title}"


def parameter_name(stage: str, title: str, name: str) -> str:
    """Return the name of the SSM parameter in which a stack leaves a value for others."""
    return f"{PARAMETERS}{stage}/{title}/{name}"


def metrics_namespace(stage: str) -> str:
    """Return the namespace in which a stage's functions count, so that no stage's alarms hear another's numbers."""
    return f"Standby-{stage}"
