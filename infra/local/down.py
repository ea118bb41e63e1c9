"""``make down``: stop the local AWS that ``make up`` started, and remove its folders."""

import shutil
import sys

from infra.local import running


def main() -> int:
    """Stop it by its process id."""
    emulator = running.find()
    if emulator is None:
        print("the local AWS is not up")
    else:
        emulator.stop()
        print(f"stopped (process {emulator.pid}, port {emulator.port})")
    shutil.rmtree(running.FOLDER, ignore_errors=True)
    running.forget()
    return 0


if __name__ == "__main__":
    sys.exit(main())
