"""A Lambda function as this house makes them."""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct
from standby.platform.settings import Environment

from infra.constructs.feature import FIVE_MINUTES, Feature
from infra.constructs.grant import Grant
from infra.constructs.rules import accept
from infra.layers.build import Extra
from infra.layers.target import RUNTIME
from infra.naming import metrics_namespace

FUNCTIONS = Path(__file__).parents[2] / "functions"


class FeatureFunction(Construct):
    """Fixes runtime, machine, logs and tracing. Its folder is ``functions/<feature>_<id>``, or ``name``.

    The role may write its own log and do what ``grants`` say, nothing else. No alarm is its own: what it fails at rings
    where it is missed, at its queue, its stream or the API (`infra.operations.failures`).
    """

    def __init__(  # noqa: D417 - feature and id are what they are everywhere
        self,
        feature: Feature,
        id_: str,
        *,
        settings: Environment,
        grants: Sequence[Grant],
        timeout: Duration,
        memory_mb: int = 512,
        messages_itself: bool = False,
        traced: bool = True,
        reads: Extra | None = None,
        name: str | None = None,
    ) -> None:
        """Make the function.

        Args:
            settings: its environment.
            grants: everything that it may do.
            timeout: an SQS consumer's is a sixth of its queue's visibility at most (`WorkQueue.feed` checks).
            memory_mb: CPU comes with memory; 1,769 MB bring one whole core.
            messages_itself: it sends cursors or put-back work to its own queue. Unless told that such a chain is
                meant, Lambda takes it for a runaway loop and drops it after 16 rounds.
            traced: whether X-Ray sees its calls. It keeps one a second at least, so all calls of a sweeper, which is
                called every minute and is no part of anybody's request.
            reads: what it has a layer of its own for.
            name: its folder, when it runs the use cases of another feature.
        """
        super().__init__(feature, id_)
        self.feature = feature
        self.timeout = timeout
        stage = feature.stage
        traced = traced and stage.traced
        self.name = name = name or f"{feature.title}_{id_}".lower()
        self.log = log = logs.LogGroup(self, "Log", retention=stage.log_retention, removal_policy=RemovalPolicy.DESTROY)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        for grant in grants:
            role.add_to_policy(grant.statement())
        self.lambda_function = lambda_.Function(
            self,
            "Function",
            description=name,
            runtime=RUNTIME,
            architecture=stage.target.architecture,
            code=lambda_.Code.from_asset(str(FUNCTIONS / name), exclude=["__pycache__", "*.pyc"]),
            handler="handler.handler",
            layers=[*feature.layers, *([feature.extra_layer(reads)] if reads else [])],
            environment={
                **settings.to_environment(),
                "POWERTOOLS_METRICS_NAMESPACE": metrics_namespace(stage.name),
            },
            memory_size=memory_mb,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if messages_itself else lambda_.RecursiveLoop.TERMINATE,
            timeout=timeout,
            role=role,
            log_group=log,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,  # below it, calls and cold starts leave no figures
            tracing=lambda_.Tracing.ACTIVE if traced else lambda_.Tracing.DISABLED,
        )
        accept(
            self.lambda_function,
            "AwsSolutions-L1",
            "Python 3.13 is the newest runtime that all locked packages and the layer's bytecode are tested with",
        )
        if traced:
            accept(
                role,
                "AwsSolutions-IAM5[Resource::*]",
                "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources",
            )
        feature.show("failures", self.errors(), self.throttles())
        feature.show("duration p99", self.duration())

    def tell(self, settings: Environment) -> None:
        """Add settings to the function's environment."""
        for name, value in settings.to_environment().items():
            self.lambda_function.add_environment(name, value)

    def allow(self, grant: Grant) -> None:
        """Add one permission, for a source that the function must read."""
        self.lambda_function.add_to_role_policy(grant.statement())

    def errors(self) -> cloudwatch.Metric:
        """Return the number of calls that failed."""
        return self.lambda_function.metric_errors(period=FIVE_MINUTES, statistic="Sum")

    def iterator_age(self) -> cloudwatch.Metric:
        """Return how far behind a stream its reader is, in milliseconds."""
        return self.lambda_function.metric("IteratorAge", period=FIVE_MINUTES, statistic="Maximum")

    def throttles(self) -> cloudwatch.Metric:
        """Return the number of calls that AWS refused for lack of concurrency."""
        return self.lambda_function.metric_throttles(period=FIVE_MINUTES, statistic="Sum")

    def duration(self) -> cloudwatch.Metric:
        """Return the 99th percentile of the time that a call took."""
        return self.lambda_function.metric_duration(period=FIVE_MINUTES, statistic="p99")
