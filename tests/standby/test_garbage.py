"""The garbage of a function that works does not pile up, however seldom Python looks for it during a cold start."""

import gc
import weakref

import standby


class Ring:
    """Something that only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


def test_what_work_leaves_does_not_pile_up() -> None:
    gc.collect()
    rings = weakref.WeakSet[Ring]()
    most = 0
    for _ in range(3 * standby.WORKING):
        rings.add(Ring())
        most = max(most, len(rings))
    assert most <= standby.WORKING
