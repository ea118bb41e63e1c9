"""Our frozen classes behave as those of `dataclasses`, of which each test declares a twin."""

import pickle
from collections.abc import Callable
from copy import deepcopy
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest
from standby.platform.frozen import frozen


@frozen()
class Ours:
    """A place."""

    name: str
    size: int = 1
    tags: list[str] = field(default_factory=list, compare=False)
    secret: str = field(default="s", repr=False)
    kept: dict[str, int] = field(default_factory=dict, init=False, compare=False)
    kind: ClassVar[str] = "k"

    @property
    def double(self) -> int:
        return self.size * 2


@dataclass(frozen=True)
class Theirs:
    """A place."""

    name: str
    size: int = 1
    tags: list[str] = field(default_factory=list, compare=False)
    secret: str = field(default="s", repr=False)
    kept: dict[str, int] = field(default_factory=dict, init=False, compare=False)
    kind: ClassVar[str] = "k"


@frozen(kw_only=True)
class Named:
    """All by name."""

    first: int
    second: int = 2


@frozen()
class Checked:
    """Refuses what is below 0."""

    number: int = field(default=0, kw_only=True)
    double: int = field(init=False)

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(self.number)
        object.__setattr__(self, "double", self.number * 2)


@frozen()
class Crowded:
    """Fields named like words that are around."""

    store: str
    default: str = "d"
    make: list[str] = field(default_factory=list)
    missing: str = "m"
    names: str = "n"
    made: str = "x"


@frozen()
class Empty:
    """Nothing."""


BOTH = pytest.mark.parametrize("made", [Ours, Theirs])


@BOTH
def test_fields_are_given_by_place_or_by_name_and_have_their_defaults(made: Callable[..., Any]) -> None:
    one, other = made("a", 3, ["t"], secret="x"), made(name="a")
    assert (one.name, one.size, one.tags, one.secret, one.kept) == ("a", 3, ["t"], "x", {})
    assert (other.size, other.tags, other.kept, other.kind) == (1, [], {}, "k")
    assert made("a").tags is not made("a").tags
    assert made("a").kept is not made("a").kept


@BOTH
def test_nothing_can_be_assigned_or_deleted(made: Callable[..., Any]) -> None:
    one = made("a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        one.name = "b"
    with pytest.raises(FrozenInstanceError):
        one.other = "b"
    with pytest.raises(FrozenInstanceError):
        del one.name
    assert one.name == "a"


@BOTH
def test_the_same_values_are_equal_and_one_key(made: Callable[..., Any]) -> None:
    assert made("a", 1, ["x"]) == made("a", 1, ["y"])
    assert len({made("a"), made("a"), made("b")}) == 2
    assert made("a") != made("a", secret="t")
    assert made("a") != ("a", 1, "s")


def test_classes_are_unequal_whatever_they_hold() -> None:
    ours: Any = Ours("a")
    assert ours != Theirs("a")
    assert Empty() == Empty()
    assert Empty() != Checked()
    assert len({Empty(), Empty()}) == 1


def test_it_reads_as_a_dataclass() -> None:
    assert repr(Ours("a", 2)) == repr(Theirs("a", 2)).replace("Theirs", "Ours")
    assert is_dataclass(Ours)
    assert [each.name for each in fields(Ours)] == [each.name for each in fields(Theirs)]
    assert asdict(Ours("a", tags=["t"])) == asdict(Theirs("a", tags=["t"]))
    assert Ours.__match_args__ == Theirs.__match_args__
    match Ours("a", 7):
        case Ours(name, size):
            assert (name, size) == ("a", 7)


def test_fields_may_have_any_name() -> None:
    crowded = Crowded("s", make=["a"])
    assert asdict(crowded) == {"store": "s", "default": "d", "make": ["a"], "missing": "m", "names": "n", "made": "x"}


def test_a_changed_copy_leaves_the_first_as_it_is() -> None:
    one = Ours("a", 2)
    other = replace(one, size=5)
    assert (one.size, other.size, other.name, other.double) == (2, 5, "a", 10)
    assert pickle.loads(pickle.dumps(one)) == deepcopy(one) == one  # noqa: S301 - our own


@pytest.mark.parametrize("made", [Ours, Theirs])
def test_wrong_arguments_name_the_class(made: Callable[..., Any]) -> None:
    with pytest.raises(
        TypeError, match=rf"{made.__name__}.__init__\(\) missing 1 required positional argument: 'name'"
    ):
        made()
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        made("a", colour="red")
    with pytest.raises(TypeError, match="unexpected keyword argument 'kept'"):
        made("a", kept={})


def test_fields_may_have_to_be_named() -> None:
    assert Named(second=3, first=1) == replace(Named(first=1), second=3)
    with pytest.raises(TypeError, match="positional"):
        Named(1)  # type: ignore[misc] # the point
    with pytest.raises(ValueError, match="-1"):
        Checked(number=-1)
    assert replace(Checked(number=1), number=4).double == 8
