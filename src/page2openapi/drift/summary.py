"""A field that only one side has, told in a few facts; and which of them were perhaps only renamed."""

from __future__ import annotations

from difflib import SequenceMatcher

from modellix._openapi import Object
from page2openapi.drift.values import key_of
from page2openapi.drift.views import WORDS, View, Viewer

_MOST_FACTS = 300
_DEEPEST = 6
_MOST_COMPARED = 30  # fields on either side that are looked at for new names
_ALIKE = 0.6  # of 1, how much of two names must be the same


def summary_of(view: View, viewer: Viewer) -> Object:
    """A schema without references, words and extensions; deep or large ones are cut."""
    return _Summary(viewer).make(view, 0)


class _Summary:
    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._left = _MOST_FACTS

    def make(self, view: View, depth: int) -> Object:
        found: Object = {} if view.written_type is None else {"type": view.written_type}
        if view.nullable and view.types:
            found["type"] = [*view.types, "null"]
        if view.options is not None:
            found["enum"] = list(view.options)
        hidden = {*WORDS, "additionalProperties"}
        found |= {key: one for key, one in view.keywords.items() if key not in hidden and not key.startswith("x-")}
        self._left -= 1
        return found if depth >= _DEEPEST or self._left <= 0 else found | self._inside(view, depth + 1)

    def _inside(self, view: View, depth: int) -> Object:
        found: Object = {}
        if view.items is not None:
            found["items"] = self.make(self._viewer.view(view.items), depth)
        if view.properties:
            fields = {name: self.make(self._viewer.view(one), depth) for name, one in view.properties.items()}
            found["properties"] = fields
        if view.required:
            found["required"] = [name for name in view.properties if name in view.required]
        if view.forms:
            found["anyOf"] = [self.make(one, depth) for one in view.forms]
        return found


def renamed(gone: dict[str, Object], come: dict[str, Object]) -> dict[str, str]:
    """Which of the fields that went may be which of those that came, both ways; the values are their summaries."""
    scored = [
        (score, old, new)
        for old in list(gone)[:_MOST_COMPARED]
        for new in list(come)[:_MOST_COMPARED]
        if (score := _likeness(old, new, same=key_of(gone[old]) == key_of(come[new]))) >= _ALIKE
    ]
    found: dict[str, str] = {}
    taken = set[str]()
    for _, old, new in sorted(scored, key=lambda one: -one[0]):
        if old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found | {new: old for old, new in found.items()}


def _likeness(old: str, new: str, *, same: bool) -> float:
    """How alike two fields are: by name, and more so when they say the same."""
    ratio = SequenceMatcher(None, old[:100].lower(), new[:100].lower(), autojunk=False).ratio()
    return ratio + (0.3 if same else 0.0)
