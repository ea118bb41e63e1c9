"""A bucket into which others put files, and the queue that hears of each."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.queue import WorkQueue
from infra.constructs.rules import accept

KEPT = Duration.days(30)
HALF_UPLOADS_KEPT = Duration.days(1)


class Inbox(Construct):
    """Private, encrypted, over TLS only; files go after 30 days. Each new file below ``folders`` is told to ``queue``.

    The bucket's own properties configure the notification, because CDK's way needs a custom resource with a function of
    its own. So the queue lets in any bucket of this account, but no other's: naming this bucket would make a circle.
    """

    def __init__(self, feature: Feature, id_: str, *, queue: WorkQueue, folders: Sequence[str]) -> None:
        super().__init__(feature, id_)
        self._folders = tuple(folders)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(expiration=KEPT, abort_incomplete_multipart_upload_after=HALF_UPLOADS_KEPT),
            ],
            removal_policy=feature.stage.keeps,
        )
        accept(
            self.bucket,
            "AwsSolutions-S1",
            "files are deleted after 30 days, and each is reported in the table with what became of it",
        )
        allowed = queue.queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                resources=[queue.queue.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        self._resource().notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    queue=queue.queue.queue_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(
                        s3_key=s3.CfnBucket.S3KeyFilterProperty(
                            rules=[s3.CfnBucket.FilterRuleProperty(name="prefix", value=folder)]
                        )
                    ),
                )
                for folder in self._folders
            ]
        )
        if allowed.policy_dependable is not None:
            self.bucket.node.add_dependency(allowed.policy_dependable)
        feature.say(f"{feature.title}{id_}BucketName", self.name)

    @property
    def name(self) -> str:
        """Return the bucket's name."""
        return self.bucket.bucket_name

    def open_to(self, function: FeatureFunction) -> None:
        """Accept cdk-nag's finding that a function's grant covers any file name below the folders."""
        stack = Stack.of(self)
        name = stack.resolve(stack.get_logical_id(self._resource()))
        for folder in self._folders:
            accept(
                function,
                f"AwsSolutions-IAM5[Resource::<{name}.Arn>/{folder}*]",
                "whoever puts a file there names it; only these folders are open",
            )

    def grant(self, action: str) -> Grant:
        """Return the permission for one action on the files below the folders."""
        return Grant((action,), tuple(self.bucket.arn_for_objects(f"{folder}*") for folder in self._folders))

    def _resource(self) -> s3.CfnBucket:
        resource = self.bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError(resource)
        return resource
