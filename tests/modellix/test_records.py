"""Classes that attrs completes late behave as if it had made them at once."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys

import attrs
import pytest

from modellix._records import define, evolve, field, frozen

UNPICKLED = """
import pickle, sys
from modellix.settings import Settings
assert "attrs" not in sys.modules
one = pickle.loads(bytes.fromhex(sys.argv[1]))
assert one == Settings("key", "http://localhost") and one.origin == "http://localhost"
print(repr(one))
"""


@frozen
class Point:
    x: int
    y: int = 0
    secret: str = field(default="s", repr=False, eq=False)


@define
class Bag:
    items: list[int] = field(factory=list[int])


@frozen
class Named(Point):
    name: str = "n"


def test_a_frozen_record_is_one_of_attrs() -> None:
    point = Point(1, secret="t")
    assert repr(point) == "Point(x=1, y=0)"
    assert point == Point(1) != Point(2)
    assert hash(point) == hash(Point(1))
    assert evolve(point, y=3) == attrs.evolve(point, y=3) == Point(1, 3)
    assert copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(TypeError, match="missing 1 required"):
        Point()  # type: ignore[call-arg]


def test_defaults_are_made_for_each_and_bases_are_completed() -> None:
    Bag().items.append(1)
    assert Bag().items == []
    assert repr(Named(1, name="m")) == "Named(x=1, y=0, name='m')"


def test_a_class_without_instances_can_be_looked_at() -> None:
    @frozen
    class Fresh:
        width: int

    @frozen
    class Seen:
        width: int

    assert list(inspect.signature(Fresh).parameters) == ["width"]
    assert [one.name for one in attrs.fields(Seen)] == ["width"]


def test_a_record_is_unpickled_where_none_was_made() -> None:
    from modellix.settings import Settings

    pickled = pickle.dumps(Settings("key", "http://localhost")).hex()
    done = subprocess.run([sys.executable, "-c", UNPICKLED, pickled], capture_output=True, text=True, check=True)
    assert "Settings(origin='http://localhost'" in done.stdout
    assert "key" not in done.stdout
