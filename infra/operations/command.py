"""Run an operators' command whose answer may be read in part, as in ``make dead-letters | head``."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn


def run(main: Callable[[], int]) -> NoReturn:
    """Run a command that only looks, and end the process. A reader who has seen enough is no failure."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python flushes, and fails, once more
        code = 0
    sys.exit(code)
