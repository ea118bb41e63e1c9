"""The bucket into which files are put, directly or by a signed address."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from standby.imports.model import MissingError, ReplacedError
from standby.platform import aws
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.imports.csv_file import Stream

MISSING = frozenset({"AccessDenied", "NoSuchKey"})
"""What S3 answers for a file that is not there; ``AccessDenied`` where the caller may not list the bucket."""
REPLACED = "PreconditionFailed"


@frozen()
class S3Inbox:
    """The bucket. Its client is made on first use: few calls of the API need it, and its model is large."""

    bucket: str

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 - made at run time
        # Left to itself, the SDK signs for the address without a region, and regions opened since 2019 refuse that.
        return aws.client(
            "s3",
            signature_version="s3v4",
            s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
            retries={"mode": "standard", "max_attempts": 4},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )

    def open(self, key: str, *, etag: str) -> "Stream":
        """Return a file's bytes if it still has this etag (empty: any). Raises `MissingError`, `ReplacedError`."""
        condition = {"IfMatch": etag} if etag else {}
        try:
            body: Stream = self._s3.get_object(Bucket=self.bucket, Key=key, **condition)["Body"]
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            if code == REPLACED:
                raise ReplacedError from error
            if code in MISSING:
                raise MissingError from error
            raise
        return body

    def form(self, key: str, *, seconds: int, most_bytes: int) -> tuple[str, dict[str, str]]:
        """Return an address and the fields of a form that puts a file there without a key, for some time.

        S3 refuses a form with other fields, and a file that is empty or larger than ``most_bytes``.
        """
        signed: dict[str, Any] = self._s3.generate_presigned_post(
            self.bucket, key, Conditions=[["content-length-range", 1, most_bytes]], ExpiresIn=seconds
        )
        return signed["url"], signed["fields"]
