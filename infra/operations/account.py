"""What an AWS account says of itself before a stage is deployed into it. Nothing here changes anything."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.naming import STACK, stack_name
from infra.operations.place import Place
from infra.operations.templates import Templates, read

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
"""Where ``cdk bootstrap`` leaves its version, unless a stack says otherwise."""
STACK_TAG = "aws:cloudformation:stack-name"
"""CloudFormation writes it on what a stack makes, and what is left behind keeps it."""
IDENTITY = "AWS::SES::EmailIdentity"
TOPIC = "AWS::SNS::Topic"
MAPPING = "AWS::Lambda::EventSourceMapping"
ANSWERING = ("AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Authorizer")
"""What the API calls a function through, one each."""
STORES = {"table": "AWS::DynamoDB::GlobalTable", "bucket": "AWS::S3::Bucket"}
"""What data is kept in, by its kind."""
KEEPERS = {"dynamodb": "table", "s3": "bucket"}
"""Services of what outlives a stack, by their names in ARNs, and what they keep it in."""


@dataclass(frozen=True, order=True)
class Kept:
    """Something that holds data and bears the name of one of the stage's stacks."""

    kind: str
    name: str
    stack: str


@dataclass(frozen=True)
class Assembly:
    """The stage as it was synthesized (``cdk.out``)."""

    folder: Path

    @cached_property
    def templates(self) -> Templates:
        """The stage's templates."""
        return read(self.folder)

    @property
    def bootstrap(self) -> tuple[str, int]:
        """The SSM parameter in which ``cdk bootstrap`` leaves its version, and the lowest that will do."""
        manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))["artifacts"]
        stacks = [artifact["properties"] for name, artifact in manifest.items() if STACK.fullmatch(name)]
        (name,) = {stack.get("bootstrapStackVersionSsmParameter", BOOTSTRAP) for stack in stacks}
        return name, max(stack.get("requiresBootstrapStackVersion", 0) for stack in stacks)


@dataclass(frozen=True)
class Account:
    """An account's answers, in the region of a place. A question raises botocore's errors where AWS gives none."""

    place: Place

    def caller(self) -> Mapping[str, Any]:
        """Return who asks (``Account``, ``Arn``)."""
        answer: Mapping[str, Any] = self._client("sts").get_caller_identity()
        return answer

    def bootstrapped(self, parameter: str) -> int | None:
        """Return the version of ``cdk bootstrap`` there, ``None`` where it never ran."""
        ssm = self._client("ssm")
        answer = _found(lambda: ssm.get_parameter(Name=parameter), "ParameterNotFound")
        return None if answer is None else int(answer["Parameter"]["Value"])

    def mail(self) -> Mapping[str, Any]:
        """Return SES's ``GetAccount``."""
        answer: Mapping[str, Any] = self._client("sesv2").get_account()
        return answer

    def identity(self, name: str) -> Mapping[str, Any] | None:
        """Return SES's ``GetEmailIdentity``, ``None`` where there is no such identity."""
        ses = self._client("sesv2")
        answer: Mapping[str, Any] | None = _found(
            lambda: ses.get_email_identity(EmailIdentity=name), "NotFoundException"
        )
        return answer

    def certificate(self, arn: str) -> Mapping[str, Any] | None:
        """Return ACM's ``DescribeCertificate``, in the certificate's own region; ``None`` where there is none."""
        acm = self._client("acm", region_name=arn.split(":")[3])
        answer = _found(lambda: acm.describe_certificate(CertificateArn=arn), "ResourceNotFoundException")
        certificate: Mapping[str, Any] | None = answer and answer["Certificate"]
        return certificate

    def concurrency(self) -> int:
        """Return how many functions may run at once that have no concurrency of their own."""
        limit = self._client("lambda").get_account_settings()["AccountLimit"]
        return int(limit["UnreservedConcurrentExecutions"])

    def subscriptions(self, topic: str) -> list[Mapping[str, Any]]:
        """Return a topic's subscriptions."""
        pages = self._client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        return [subscription for page in pages for subscription in page["Subscriptions"]]

    def stacks(self) -> dict[str, str]:
        """Return the state of each of the stage's stacks that is there, by its title."""
        return self._all_stacks().get(self.place.stage, {})

    def held(self) -> dict[str, set[str]]:
        """Return the physical ids of what the stage's stacks hold, by type."""
        return self._held(self.place.stage, self.stacks())

    def beside(self) -> dict[str, tuple[list[Mapping[str, Any]], int]]:
        """Return, by the name of each other stage there, its mappings and how many functions its API calls."""
        others = {stage: stacks for stage, stacks in self._all_stacks().items() if stage != self.place.stage}
        if not others:
            return {}
        pages = self._client("lambda").get_paginator("list_event_source_mappings").paginate()
        mappings = {mapping["UUID"]: mapping for page in pages for mapping in page["EventSourceMappings"]}
        found = {}
        for stage, stacks in others.items():
            held = self._held(stage, stacks)
            mine = [mappings[uuid] for uuid in held.get(MAPPING, ()) if uuid in mappings]
            found[stage] = mine, sum(len(held.get(kind, ())) for kind in ANSWERING)
        return found

    def _all_stacks(self) -> dict[str, dict[str, str]]:
        """Return the state of each stack of each stage, by the stage and the stack's title."""
        found: dict[str, dict[str, str]] = {}
        for page in self.place.cloudformation.get_paginator("describe_stacks").paginate():
            for stack in page["Stacks"]:
                if name := STACK.fullmatch(stack["StackName"]):
                    found.setdefault(name["stage"], {})[name["title"]] = stack["StackStatus"]
        return found

    def _held(self, stage: str, titles: Iterable[str]) -> dict[str, set[str]]:
        held: dict[str, set[str]] = {}
        for title in titles:
            pages = self.place.cloudformation.get_paginator("list_stack_resources").paginate(
                StackName=stack_name(stage, title)
            )
            for page in pages:
                for resource in page["StackResourceSummaries"]:
                    held.setdefault(resource["ResourceType"], set()).add(resource.get("PhysicalResourceId", ""))
        return held

    def kept(self, titles: list[str]) -> set[Kept]:
        """Return whatever keeps data and was made by stacks with these titles, whether they are still there or not.

        Tables and buckets are known by their generated names too, which begin with the stack's.
        """
        stacks = [stack_name(self.place.stage, title) for title in titles]
        return {*self._tagged(stacks), *self._named_after(stacks)}

    def _named_after(self, stacks: list[str]) -> Iterator[Kept]:
        pages = self._client("dynamodb").get_paginator("list_tables").paginate()
        tables = [name for page in pages for name in page["TableNames"]]
        s3 = self._client("s3")
        here = s3.list_buckets(BucketRegion=self.place.session.region_name)["Buckets"]
        buckets = [bucket["Name"] for bucket in here]
        for stack in stacks:
            yield from (Kept("table", name, stack) for name in tables if name.startswith(f"{stack}-"))
            mine = [name for name in buckets if name.startswith(f"{stack.lower()}-")]
            yield from (Kept("bucket", name, stack) for name in mine if _stack_of(s3, name) in {stack, None})

    def _tagged(self, stacks: list[str]) -> Iterator[Kept]:
        pages = (
            self._client("resourcegroupstaggingapi")
            .get_paginator("get_resources")
            .paginate(TagFilters=[{"Key": STACK_TAG, "Values": stacks}])
        )
        found = (
            (resource["ResourceARN"], {tag["Key"]: tag["Value"] for tag in resource["Tags"]}[STACK_TAG])
            for page in pages
            for resource in page["ResourceTagMappingList"]
        )
        for arn, stack in found:
            service = arn.split(":")[2]
            if service in KEEPERS:
                yield Kept(KEEPERS[service], arn.rpartition(":")[2].rpartition("/")[2], stack)

    def _client(self, service: str, **more: str) -> Any:  # noqa: ANN401 - stubs for these services are not installed
        client: Any = self.place.session.client
        return client(service, endpoint_url=self.place.endpoint, **more)


def _found(question: Callable[[], Any], missing: str) -> Any:  # noqa: ANN401 - a client's answer
    """Return the answer, ``None`` for the error that says that there is no such thing."""
    try:
        return question()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == missing:
            return None
        raise


def _stack_of(s3: Any, bucket: str) -> str | None:  # noqa: ANN401 - a client of boto3
    """Return the stack that a bucket says it is of; small letters do not tell ``prod-stock`` from ``prod``."""
    try:
        tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except ClientError:
        return None  # it has no tags, as on the local AWS
    return {tag["Key"]: tag["Value"] for tag in tags}.get(STACK_TAG)
