"""Start and stop the emulator: one process on 127.0.0.1, with folders of its own, ended by its process id."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".local" / "venv" / "bin" / "python"
HOST = "127.0.0.1"
PORT = 4566
SHOP_PORT = 4580
REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
MODULE = "infra.local.server"
PARALLEL_FUNCTIONS = 128  # more than all event source mappings may use together, so that API requests find room too
WARM_SECONDS = 3600
START_SECONDS = 30
STOP_SECONDS = 3


class EmulatorError(Exception):
    """The emulator did not start."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator. ``folder`` holds its temporary files, its log and the clock's offset.

    The demo shop is served beside it where it has a ``shop_port``.
    """

    pid: int
    port: int
    folder: Path
    auth: bool
    shop_port: int | None = None

    @property
    def address(self) -> str:
        """The endpoint of every AWS service, and the origin of the public pages."""
        return f"http://{HOST}:{self.port}"

    @property
    def shop_address(self) -> str:
        """The demo shop's origin; the emulator's own where no shop is served."""
        return f"http://{HOST}:{self.shop_port or self.port}"

    @property
    def log(self) -> Path:
        """What the process wrote."""
        return self.folder / "server.log"

    @property
    def clock_offset(self) -> Path:
        """The file with the seconds that the product's clock is ahead (`infra.local.moving_clock`)."""
        return self.folder / "clock_offset"

    def alive(self) -> bool:
        """Tell whether the process runs and is ours (a process id may have been given to another)."""
        command = ["ps", "-o", "command=", "-p", str(self.pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return MODULE in shown

    def session(self) -> boto3.Session:
        """Return a session with the emulator's credentials."""
        return boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    def environment(self) -> dict[str, str]:
        """Return the variables that lead commands (cdk) and SDKs to this emulator."""
        return {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.address,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
        }

    def stop(self) -> None:
        """End the process and its workers, and remove its folder."""
        if self.alive():
            os.kill(self.pid, signal.SIGTERM)
            _await(lambda: not self.alive(), STOP_SECONDS)
        # The server leads a process group of its own, so this also ends whatever it started and left behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def start(
    folder: Path,
    *,
    port: int,
    outputs: Path,
    auth: bool = False,
    parallel_functions: int = PARALLEL_FUNCTIONS,
    shop_port: int | None = None,
) -> Emulator:
    """Start an emulator, and the demo shop where a port is said for it, and wait until the emulator answers.

    Raises `EmulatorError` with the end of its log. A call beyond ``parallel_functions`` at the same time is refused, as
    beyond an account's concurrency.
    """
    shutil.rmtree(folder, ignore_errors=True)
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **CREDENTIALS,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(temporary),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LAMBDA_ACCOUNT_CONCURRENCY": str(parallel_functions),
        "LAMBDA_WARM_TTL_SECONDS": str(WARM_SECONDS),
        "LOG_LEVEL": "WARNING",
        "AUTH": "true" if auth else "false",
        "PYTHONUTF8": "1",
        "STANDBY_OUTPUTS_FILE": str(outputs),
        "STANDBY_CLOCK_OFFSET_FILE": str(folder / "clock_offset"),
    }
    if shop_port:
        environment |= {"STANDBY_SHOP_PORT": str(shop_port), "STANDBY_SHOP_PYTHON": sys.executable}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(PYTHON), "-m", MODULE],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    emulator = Emulator(process.pid, port, folder, auth, shop_port)
    if (
        not _await(lambda: process.poll() is not None or _answers(emulator), START_SECONDS)
        or process.poll() is not None
    ):
        tail = "\n".join(emulator.log.read_text("utf-8").splitlines()[-15:])
        emulator.stop()
        raise EmulatorError(f"the local AWS did not start on port {port}:\n{tail}")
    return emulator


def free_port(preferred: int = PORT) -> int:
    """Return the preferred port, or a free one where that is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmulatorError("no port is free on 127.0.0.1")


def client_config() -> Config:
    """Return the settings for clients of the emulator: many connections, few retries."""
    return Config(max_pool_connections=32, retries={"mode": "standard", "max_attempts": 3})


def _answers(emulator: Emulator) -> bool:
    try:
        with urllib.request.urlopen(f"{emulator.address}/_ministack/health", timeout=2) as answer:
            return int(answer.status) == HTTPStatus.OK
    except (urllib.error.URLError, OSError):
        return False


def _await(true: Callable[[], bool], seconds: float) -> bool:
    """Poll until ``true`` answers true; tell whether it did in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False
