"""The bucket into which files are put, directly or by a signed address."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from standby.imports.model import MissingError, ReplacedError
from standby.platform import aws

if TYPE_CHECKING:
    from standby.imports.csv_file import Stream

MISSING = frozenset({"AccessDenied", "NoSuchKey"})
"""What S3 answers for a file that is not there; ``AccessDenied`` where the caller may not list the bucket."""
REPLACED = "PreconditionFailed"


@dataclass(frozen=True)
class S3Inbox:
    """The bucket. Its client is made on first use: few calls of the API need it, and its model is large."""

    bucket: str

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 - made at run time
        # Checksums only where S3 demands them: otherwise a signed address would demand one of whoever uploads.
        return aws.client(
            "s3",
            signature_version="s3v4",
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

    def upload_url(self, key: str, *, seconds: int) -> str:
        """Return an address to which a file can be put without a key, for some time."""
        url: str = self._s3.generate_presigned_url(
            "put_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=seconds, HttpMethod="PUT"
        )
        return url
