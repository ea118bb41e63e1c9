"""Work through a page one by one: what fails for one costs no other its turn, and only a failing AWS stops the page."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from standby.platform.faults import of_aws
from standby.platform.observability import logger

Thing = TypeVar("Thing", bound=Hashable)
log = logger("pages")


def one_by_one(things: Iterable[Thing], work: Callable[[Thing], None]) -> dict[Thing, Exception]:
    """Do something for each thing, and return those for which it failed, each with its error.

    Where AWS failed for all of several, the last error is raised: the page should come again. However many things are
    themselves at fault, nothing is raised: they would stop the page for ever.
    """
    everyone = list(things)
    failed: dict[Thing, Exception] = {}
    for thing in everyone:
        try:
            work(thing)
        except Exception as error:
            failed[thing] = error
            if len(failed) == len(everyone) > 1 and all(map(of_aws, failed.values())):
                raise
            log.exception("one of a page failed", extra={"one": thing, "error": repr(error)})
    return failed
