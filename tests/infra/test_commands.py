"""Operators' commands say what they did not do, and end quietly where nobody reads on."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from infra.local import running, up
from tests.infra.template import ROOT

MANY = """
from infra.operations.command import run
run(lambda: [print("letter " * 20) for _ in range(10_000)] and 0)
"""


def test_a_reader_who_has_seen_enough_is_no_failure() -> None:
    command = [sys.executable, "-c", MANY]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (said, process.returncode) == (b"", 0)


@pytest.mark.parametrize(("asked", "ignored"), [(5060, True), (5055, False), (None, False)])
def test_a_local_aws_that_runs_keeps_its_port_and_says_so(
    asked: int | None, *, ignored: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "find", lambda: SimpleNamespace(port=5055, auth=False))
    monkeypatch.setattr(up, "Deployment", lambda *_: SimpleNamespace(deploy=dict))
    up.up(port=asked)
    said = capsys.readouterr().out
    assert "127.0.0.1:5055" in said
    assert ("PORT=5060 is ignored (make down first)" in said) == ignored
