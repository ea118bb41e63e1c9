"""Rules of cdk-nag that do not fit, each with its reason, where it applies."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge a finding of a rule on this construct and below; the reason is kept in the synthesized stack."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::{rule}", reason=reason))
