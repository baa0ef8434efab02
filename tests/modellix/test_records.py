"""Classes that attrs completes late behave as if it had made them at once."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest

import modellix
from modellix._records import _Completion, define, evolve, field, frozen
from scripts.mutants.kills import kills, swap, without

PACKAGE = Path(modellix.__file__).parent
UNPICKLED = """
import pickle, sys
from modellix.settings import Settings
assert "attrs" not in sys.modules
one = pickle.loads(bytes.fromhex(sys.argv[1]))
assert one == Settings("key", "http://localhost") and one.origin == "http://localhost"
print(repr(one))
"""
ALL_IMPORTED = """
import importlib, sys
from modellix import _records
_records._Completion.__call__ = lambda self: sys.exit(f"{self._cls} is made by an import")
for name in sys.argv[1:]:
    importlib.import_module(name)
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


@kills(
    "A record shows what it hides.",
    "_records:_Completion._complete",
    swap("**value", "**{**value, 'repr': True}"),
)
def test_a_field_may_be_hidden() -> None:
    @frozen
    class Key:
        name: str
        secret: str = field(repr=False)

    assert repr(Key("mine", "s")).endswith("Key(name='mine')")


@kills("A record cannot be looked at before the first is made.", "_records:_Late.__get__", without("_complete"))
def test_a_class_without_instances_can_be_looked_at() -> None:
    @frozen
    class Fresh:
        width: int

    @frozen
    class Seen:
        width: int

    assert list(inspect.signature(Fresh).parameters) == ["width"]
    assert [one.name for one in attrs.fields(Seen)] == ["width"]


@kills("Two threads complete a class at once.", "_records:_Completion.__call__", swap("with no_fork()", "if True"))
def test_two_threads_complete_a_class_once(monkeypatch: pytest.MonkeyPatch) -> None:
    completed, is_second, complete = list[object](), threading.Event(), _Completion._complete

    def slowly(self: Any) -> None:
        completed.append(self)
        if completed[1:]:
            is_second.set()
        is_second.wait(0.2)  # for the other thread, which comes only if nothing keeps it out
        complete(self)

    @frozen
    class Fresh:
        width: int

    monkeypatch.setattr(_Completion, "_complete", slowly)
    with ThreadPoolExecutor(2) as pool:
        assert [one.width for one in pool.map(Fresh, [1, 2])] == [1, 2]
    assert len(completed) == 1


def test_no_module_makes_a_record_when_it_is_imported() -> None:
    """It would hold the lock of its import, and wait for the gate of another thread that waits for the import."""
    found = sorted(PACKAGE.rglob("*.py"))
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in found if path.stem[:2] != "__"
    ]
    done = subprocess.run([sys.executable, "-c", ALL_IMPORTED, *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "modellix.journal.sqlite" in names


def test_a_record_is_unpickled_where_none_was_made() -> None:
    from modellix.settings import Settings

    pickled = pickle.dumps(Settings("key", "http://localhost")).hex()
    done = subprocess.run([sys.executable, "-c", UNPICKLED, pickled], capture_output=True, text=True, check=True)
    assert "Settings(origin='http://localhost'" in done.stdout
    assert "key" not in done.stdout
