"""The tests of the shop on django-oscar, which run in its own environment."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.bookshop import PYTHON, SOURCE


@pytest.mark.skipif(not PYTHON.exists(), reason="the shop on django-oscar is not installed: make oscar does")
def test_the_bookshop_gives_back_what_it_took_and_tells_standby_in_order(tmp_path: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bookshop.quick", "OSCAR_DATA": str(tmp_path)}
    environment |= {"STANDBY_OUTPUTS": str(tmp_path / "nowhere.json")}
    command = [str(PYTHON), "manage.py", "test", "--pattern", "spec.py", "--verbosity", "0"]
    done = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr[-4_000:]
