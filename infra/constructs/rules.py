"""Accept findings of cdk-nag that do not fit, each with its reason and where it applies."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge a rule's finding on this construct and below. The synthesized stack keeps the reason."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::{rule}", reason=reason))
