"""A stack of a stage, and the one way in which stacks tell one another something."""

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, Stack
from aws_cdk import aws_ssm as ssm

from infra.naming import parameter_name, stack_name
from infra.stage import Stage


class HouseStack(Stack):
    """One of the stacks in which a stage is deployed; ``title`` is its name within the stage.

    A stack never uses another's constructs: CDK would make an export, and CloudFormation refuses to change an export as
    long as another stack imports it. A stack `reads` whatever it needs from another.
    """

    def __init__(self, app: App, title: str, *, stage: Stage) -> None:
        # The local AWS enforces IAM, and the roles of `cdk bootstrap` may not read its asset bucket there.
        synthesizer = CliCredentialsStackSynthesizer() if stage.local else None
        super().__init__(app, stack_name(stage.name, title), synthesizer=synthesizer)
        self.title = title
        self.stage = stage
        self._written: set[str] = set()

    def say(self, name: str, value: str, *, description: str | None = None) -> None:
        """Add an output. Operators' commands find it by this name, whichever stack it is in."""
        CfnOutput(self, f"Output{name}", value=value, description=description).override_logical_id(name)

    def reads(self, owner: "HouseStack", name: str, value: str) -> str:
        """Return another stack's value for use in this one, read from an SSM parameter at every deployment.

        The owner writes the parameter ``name`` and is deployed first.
        """
        self.add_stack_dependency(owner)
        return ssm.StringParameter.value_for_string_parameter(self, owner._writes(name, value))  # noqa: SLF001 - its own kind

    def _writes(self, name: str, value: str) -> str:
        parameter = parameter_name(self.stage.name, self.title, name)
        if name not in self._written:
            self._written.add(name)
            ssm.StringParameter(self, f"Parameter{name}", parameter_name=parameter, string_value=value)
        return parameter
