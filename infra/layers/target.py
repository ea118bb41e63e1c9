"""What a layer is built for: a machine and a Python."""

import platform
import sys
from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_

RUNTIME = lambda_.Runtime.PYTHON_3_13
RUNTIME_VERSION = (3, 13)


class LayerError(RuntimeError):
    """A layer could not be built; the message says why, in the words of what refused."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A machine and a Python. ``wheels`` are pip's platform tags, none for this very machine."""

    name: str
    version: tuple[int, int]
    wheels: tuple[str, ...]
    architecture: lambda_.Architecture


LAMBDA = Target(
    name="aarch64",
    version=RUNTIME_VERSION,
    wheels=("manylinux2014_aarch64", "manylinux_2_28_aarch64"),  # Amazon Linux 2023 has glibc 2.34
    architecture=lambda_.Architecture.ARM_64,
)


def host() -> Target:
    """Return this machine and the running Python. The local AWS runs every function with these."""
    machine = platform.machine().lower()
    arm = machine in {"aarch64", "arm64"}
    return Target(
        name=f"host-{sys.platform}-{machine}",
        version=sys.version_info[:2],
        wheels=(),
        architecture=lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64,
    )
