"""Permissions as data: exact actions on exact resources, listed where a function is made."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam


@dataclass(frozen=True)
class Grant:
    """The permission to do ``actions`` on ``resources`` (ARNs)."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def statement(self) -> iam.PolicyStatement:
        """Return the policy statement that gives it."""
        return iam.PolicyStatement(actions=list(self.actions), resources=list(self.resources))
