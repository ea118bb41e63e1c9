"""Beats are left out only where they can find nothing."""

from tests.idle import BEATS, queried
from tests.world import World

SWEEPER = "waitlist_sweeper"
AN_ITEM = {"pk": {"S": "anything"}, "sk": {"S": "at-all"}}


def looks(world: World) -> int:
    """Let a beat pass; return how often the sweeper looked for work."""
    before = len(world.calls)
    world.wait(minutes=1)
    return sum(function == SWEEPER for function, _, _ in world.calls[before:])


def test_a_beat_that_can_find_nothing_runs_once(world: World) -> None:
    assert looks(world) > 0
    assert [looks(world), looks(world)] == [0, 0]
    assert not any(world.queues[queue] for queue, _ in BEATS), "it is taken from its queue all the same"


def test_it_runs_again_as_soon_as_there_is_anything_in_a_table_that_it_may_query(world: World) -> None:
    first = looks(world)
    for table in queried(SWEEPER):
        world.memory.tables[table].put(AN_ITEM, AN_ITEM)
        assert (first, first) == (looks(world), looks(world)), f"something is in {table}"
        world.memory.tables[table].put(AN_ITEM, None)
        assert looks(world) == 0


def test_a_beat_that_broke_off_runs_again(world: World) -> None:
    def broken(_service: str, operation: str, _parameters: object, _make: object) -> None:
        raise OSError(operation)

    world.tap = broken  # type: ignore[assignment]
    looks(world)
    world.tap = lambda _service, _operation, _parameters, make: make()
    assert looks(world) > 0


def test_going_back_forgets_what_was_learned_so_that_each_run_makes_the_same_calls(world: World) -> None:
    start = world.snapshot()
    first = looks(world)
    world.restore(start)
    assert first == looks(world)
