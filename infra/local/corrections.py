"""Correct, inside the emulator's process, what it does differently from AWS and Standby relies on.

Each correction names what was measured. Nothing here makes the product's life easier than AWS would: permissions are
checked under the names that IAM knows, and the mail service can refuse an address.
"""

import functools
import hashlib
import importlib
import json
import os
import re
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

REFUSED = re.compile(r"\brefused(\+[^@]*)?@simulator\.amazonses\.com", re.IGNORECASE)
"""Addresses that the local mail service refuses, one entry of a call at a time."""

BATCH_ACTIONS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
PARTIQL_CALLS = frozenset(
    {"dynamodb:ExecuteStatement", "dynamodb:BatchExecuteStatement", "dynamodb:ExecuteTransaction"}
)
PARTIQL = re.compile(
    r"""^\s*(?P<verb>SELECT|INSERT|UPDATE|DELETE)\b.*?(?:\bFROM|\bINTO|\bUPDATE)?\s*"(?P<table>[^"]+)\"""",
    re.IGNORECASE | re.DOTALL,
)
LAYER_FILE = re.compile(r"layer_\d+\.zip$")
LAYER_FOLDER = re.compile(r"layer_\d+$")


def apply() -> None:
    """Apply all corrections, once, before the server takes its first request."""
    _never_wait_for_logs()
    _unpack_a_layer_once()
    _move_the_clock()
    _authorize_as_iam_does()
    _refuse_addresses()


def _never_wait_for_logs() -> None:
    """Shorten the emulator's wait for a handler's first log line, which costs a silent handler 50 ms."""
    worker = _module("ministack.core.lambda_runtime").Worker
    worker._drain_stderr_bounded = functools.partialmethod(  # noqa: SLF001 - there is no setting
        worker._drain_stderr_bounded,  # noqa: SLF001
        first_line_wait=0.002,
        idle_confirm=0.001,
    )


def _unpack_a_layer_once() -> None:
    """Let all workers share one unpacked copy of a layer, instead of one each. Layers are read-only on AWS too."""
    runtime = _module("ministack.core.lambda_runtime")
    lock = threading.Lock()

    class Archive(zipfile.ZipFile):
        def namelist(self) -> list[str]:
            # The emulator resolves each member's path for each worker; the library never extracts outside the folder.
            return [] if LAYER_FILE.search(self.filename or "") else super().namelist()

        def extractall(
            self,
            path: "str | os.PathLike[str] | None" = None,
            members: Any = None,  # noqa: ANN401 - the base's signature
            pwd: bytes | None = None,
        ) -> None:
            folder = Path(path or ".")
            if not LAYER_FOLDER.search(folder.name) or self.filename is None:
                super().extractall(path, members, pwd)
                return
            digest = hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()[:16]
            unpacked = Path(tempfile.gettempdir()) / "layers" / digest
            with lock:
                if not unpacked.is_dir():
                    half = unpacked.with_suffix(".half")
                    shutil.rmtree(half, ignore_errors=True)
                    super().extractall(half, super().namelist())
                    half.rename(unpacked)
            folder.rmdir()
            folder.symlink_to(unpacked, target_is_directory=True)

    class Zipfile:
        ZipFile = Archive
        BadZipFile = zipfile.BadZipFile
        LargeZipFile = zipfile.LargeZipFile
        LargeFileError = zipfile.LargeZipFile  # the emulator catches this name, which the library does not have

    runtime.zipfile = Zipfile


def _move_the_clock() -> None:
    """Let tests move the product's clock: every worker runs `moving_clock` before the handler's code."""
    runtime = _module("ministack.core.lambda_runtime")
    prelude = Path(__file__).with_name("moving_clock.py").read_text("utf-8")
    runtime._PYTHON_WORKER_SCRIPT = prelude + runtime._PYTHON_WORKER_SCRIPT  # noqa: SLF001 - there is no hook


def _authorize_as_iam_does() -> None:
    """Check batches and PartiQL under the actions that IAM knows, and mails on the sender's identity.

    The condition ``aws:SecureTransport`` always holds, because the emulator speaks plain http.
    """
    actions = _module("ministack.core.iam_actions")
    evaluator = _module("ministack.core.iam_evaluator")
    extract_action, transaction_checks = actions.extract_iam_action, actions.dynamodb_transaction_checks
    mail_resource, condition_key = actions._ses_v2_resource_arn, evaluator._resolve_condition_key  # noqa: SLF001

    def extract_iam_action(*request: Any, **more: Any) -> str | None:  # noqa: ANN401 - passed on
        action: str | None = extract_action(*request, **more)
        return BATCH_ACTIONS.get(action, action) if action else None

    def dynamodb_transaction_checks(action: str, body: bytes, region: str, account: str) -> list[tuple[str, str]]:
        if action not in PARTIQL_CALLS:
            checks: list[tuple[str, str]] = transaction_checks(action, body, region, account)
            return checks
        return [
            (f"dynamodb:PartiQL{verb}", f"arn:aws:dynamodb:{region}:{account}:table/{table}")
            for verb, table in partiql_targets(json.loads(body or b"{}"))
        ]

    def resource_arn(method: str, path: str, body: bytes, region: str, account: str) -> str:
        if not path.startswith("/v2/email/outbound-"):
            return str(mail_resource(method, path, body, region, account))
        sender = str(json.loads(body or b"{}").get("FromEmailAddress", ""))
        address = sender.rpartition("<")[2].rstrip("> ")
        return f"arn:aws:ses:{region}:{account}:identity/{_verified_identity(address)}"

    def resolve_condition_key(key: str, context: Any) -> Any:  # noqa: ANN401 - the emulator's types
        return "true" if key.lower() == "aws:securetransport" else condition_key(key, context)

    actions.extract_iam_action = extract_iam_action
    actions.dynamodb_transaction_checks = dynamodb_transaction_checks
    actions._ses_v2_resource_arn = resource_arn  # noqa: SLF001
    evaluator._resolve_condition_key = resolve_condition_key  # noqa: SLF001


def partiql_targets(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the verb (``Delete``, ``Insert``, ``Select``, ``Update``) and the table of each statement."""
    statements = [request, *request.get("Statements", ()), *request.get("TransactStatements", ())]
    found = [PARTIQL.match(str(statement.get("Statement", ""))) for statement in statements]
    return sorted({(match["verb"].capitalize(), match["table"].partition(".")[0]) for match in found if match})


def _verified_identity(address: str) -> str:
    """Return the identity that AWS would authorize on: the address if it is a known identity, else its domain."""
    stores = [_module(f"ministack.services.{name}") for name in ("ses", "ses_v2")]
    known = any(address in store._identities for store in stores)  # noqa: SLF001
    return address if known else address.rpartition("@")[2]


def _refuse_addresses() -> None:
    """Refuse `REFUSED` addresses as SES refuses an entry, because the emulator accepts every address."""
    mail = _module("ministack.services.ses_v2")
    rejection: Callable[..., str | None] = mail._message_rejection  # noqa: SLF001

    def message_rejection(sender: str | None, recipients: Any = ()) -> str | None:  # noqa: ANN401 - passed on
        refused = [address for address in recipients if REFUSED.search(address)]
        return f"Address refused: {', '.join(refused)}" if refused else rejection(sender, recipients)

    mail._message_rejection = message_rejection  # noqa: SLF001


def _module(name: str) -> Any:  # noqa: ANN401 - the emulator is untyped, and absent where this is type-checked
    return importlib.import_module(name)
