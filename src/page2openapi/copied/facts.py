"""Turns the parts of a field into the keywords of a schema; whatever may be prose instead is left out and said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from modellix._keywords import KEYWORDS, bounds_for
from modellix._openapi import Object, object_at, types_of
from page2openapi.copied.blocks import Block, Part
from page2openapi.copied.fitting import as_default, as_options, base_of, flags_at_end, target_of
from page2openapi.copied.header import is_lone_chip
from page2openapi.copied.notation import KEYWORDS_OF_FLAGS, Limit
from page2openapi.copied.values import Raw
from page2openapi.page import LONGEST_DESCRIPTION, Problem, is_pattern, quoted, shortened

_PAIRS = [
    bounds_for(kind, strict=strict)
    for kind, strict in (("string", False), ("array", False), ("number", False), ("number", True))
]


@dataclass
class Field:
    """A field that was read: its schema without its children, and the line of each fact (`type` is the field's own)."""

    name: str
    line: int
    schema: Object
    required: bool = False
    location: str | None = None
    opens: str | None = None  # `show` for children that are hidden, `hide` for children that follow
    choice: bool = False  # its children are those of one form among several
    lines: dict[str, int] = field(default_factory=dict[str, int])


class FieldBuilder:
    """The facts of one block."""

    def __init__(self, block: Block, name: str, problems: list[Problem]) -> None:
        self._block = block
        self._name = name
        self._problems = problems
        self._schema: Object = dict(block.header.kind.schema)
        self._lines = dict[str, int]()
        self._refused = set[str]()

    def field(self) -> Field | None:
        """The field, with every fact that is certain; None when not even its chips are."""
        parts = self._certain_parts()
        for part in parts:
            self._take(part)
        self._check_pairs()
        self._take_options(parts)
        run_together = self._take_default()
        if run_together is None:
            return None
        flags = self._block.header.flags | run_together
        self._schema |= {keyword: True for flag, keyword in KEYWORDS_OF_FLAGS.items() if flag in flags}
        opens = [part.value for part in parts if part.what == "toggle"]
        schema = _ordered(self._schema)
        found = Field(self._name, self._block.line, schema, "required" in flags, self._block.header.location)
        found.opens, found.lines = opens[-1] if opens else None, self._lines
        found.choice = any(part.what == "tab" for part in self._block.parts)
        return found

    # Which parts count.

    def _certain_parts(self) -> list[Part]:
        parts = self._block.parts
        first = next((index for index, part in enumerate(parts) if part.what != "prose"), len(parts))
        self._describe(self._schema, parts[:first], "description")
        if 0 < first < len(parts) and _goes_on_below(parts[first - 1], parts[first]):
            self._report(parts[first - 1].line, f"{quoted(parts[first - 1].value)} may be an option")
            parts = [part for part in parts if part.what != "options"]
        if first and is_lone_chip(parts[0].value):
            self._report(parts[0].line, f"{quoted(parts[0].value)} stands apart from the rows of the field")
        rest = self._without_tabs(parts[first:])
        rest = self._without_items_prose(rest)
        return self._without_strays(rest)

    def _without_tabs(self, parts: list[Part]) -> list[Part]:
        """What follows the tabs of a choice holds for the form that is shown, not for all."""
        for index, part in enumerate(parts):
            if part.what == "tab":
                self._report(part.line, "one form among several; the others are not shown")
                return [*parts[:index], *(one for one in parts[index:] if one.what == "toggle")]
        return parts

    def _without_items_prose(self, parts: list[Part]) -> list[Part]:
        """Below the limits of a list stands what describes its items."""
        start = next((index for index, part in enumerate(parts) if part.what == "prose"), len(parts))
        if not self._block.header.kind.is_array or not start or not all(map(_limits_list, parts[:start])):
            return parts
        end = next((index for index in range(start, len(parts)) if parts[index].what != "prose"), len(parts))
        items = self._schema.get("items")
        if items is None:
            return parts
        self._describe(items, parts[start:end], "items.description")
        return [*parts[:start], *parts[end:]]

    def _without_strays(self, parts: list[Part]) -> list[Part]:
        """Prose belongs above the limits. Below them it makes one doubt whether those are limits at all."""
        strays = [index for index, part in enumerate(parts) if part.what == "prose"]
        words = [index for index in strays if _is_words(parts[index].value)]
        before = parts[: words[-1]] if words else []
        again = any(part.what == "options" for part in parts[len(before) :])
        doubtful = {index for index, part in enumerate(before) if self._may_be_prose(part, again=again)}
        doubtful |= {index - 1 for index in strays if index and _goes_on(parts[index - 1], parts[index])}
        for index in strays:
            self._report(parts[index].line, f"not understood: {quoted(parts[index].value)}")
        for index in sorted(doubtful):
            self._report(parts[index].line, "not certain, because of what follows it")
        return [part for index, part in enumerate(parts) if index not in doubtful and part.what != "prose"]

    def _may_be_prose(self, part: Part, *, again: bool) -> bool:
        """Whether a part above some prose may belong to it; options of a type that needs them only if more follow."""
        needed = self._block.header.kind.enumerated and not again
        return part.what == "limit" or (part.what == "options" and not needed)

    def _describe(self, schema: Object, parts: Sequence[Part], keyword: str) -> None:
        if parts:
            schema["description"] = text_of(parts)
            self._lines[keyword] = parts[0].line

    # What each part says.

    def _take(self, part: Part) -> None:
        if part.what == "limit":
            for limit in part.value:
                self._take_limit(limit, part.line)
        elif part.what == "examples":
            for value in part.value:
                self._take_example(value, part.line)

    def _take_limit(self, limit: Limit, line: int) -> None:
        keyword, target, place = target_of(self._schema, limit.keyword)
        if target is None:
            self._report(line, f"{limit.keyword} does not go with the type")
        elif keyword == "pattern" and not is_pattern(limit.value):
            self._report(line, f"a pattern that cannot be checked: {quoted(limit.value)}")
        elif place + keyword in self._refused or target.get(keyword, limit.value) != limit.value:
            target.pop(keyword, None)
            self._refused.add(place + keyword)
            self._report(line, f"{keyword} is stated more than once, and differently")
        else:
            target[keyword] = limit.value
            self._lines[place + keyword] = line

    def _check_pairs(self) -> None:
        for schema in _with_items(self._schema):
            for least, most in _PAIRS:
                if schema.get(least, -float("inf")) > schema.get(most, float("inf")):
                    self._report(self._block.line, f"{least} is above {most}")
                    del schema[least], schema[most]

    def _take_example(self, value: Any, line: int) -> None:
        names = types_of(self._schema)
        if isinstance(value, Raw):
            if names and "string" not in names:
                self._report(line, f"an example that cannot be read: {quoted(value)}")
                return
            value = str(value)
        target = self._schema
        if names and "array" in names and not isinstance(value, list) and value is not None and "items" in target:
            target = target["items"]
        target.setdefault("examples", []).append(value)
        self._lines.setdefault("examples", line)

    def _take_options(self, parts: Sequence[Part]) -> None:
        stated = [part for part in parts if part.what == "options"]
        usable = [part for part in stated if part.value is not None]
        if not self._block.header.kind.enumerated:
            for part in stated:
                self._report(part.line, "options, although the type is not one of options")
        elif len({tuple(part.value) for part in usable}) > 1:
            self._report(usable[-1].line, "options are stated more than once, and differently")
        elif usable:
            self._set_options(usable[-1])
        elif not stated:
            self._report(self._block.line, "the options are missing")

    def _set_options(self, part: Part) -> None:
        target, place = base_of(self._schema)
        options = as_options(target, part.value) if target is not None else None
        if target is None or options is None:
            self._report(part.line, "options that do not go with the type")
            return
        target["enum"] = options
        self._lines[f"{place}enum"] = part.line

    def _take_default(self) -> set[str] | None:
        """Sets the default. Returns the flags that were run together with it, None when they are not certain."""
        text = self._block.header.default
        if text is None:
            return set()
        found = as_default(self._schema, text.text, glued=self._block.header.glued)
        if len(found) == 1:
            self._schema["default"], flags = found[0]
            self._lines["default"] = text.number
            return flags
        self._report(text.number, f"a default that is not certain: {quoted(text.text)}")
        sure = not self._block.header.glued or not flags_at_end(text.text)
        return set() if sure else None

    def _report(self, line: int, text: str) -> None:
        self._problems.append(Problem(line, f"{quoted(self._name)}: {text}"))


def settle(block: Block, name: str, problems: list[Problem]) -> Field | None:
    """The facts of a named block; what is not certain is added to the problems. None when it cannot be used."""
    return FieldBuilder(block, name, problems).field()


def text_of(parts: Sequence[Part]) -> str:
    """Prose as text, bounded in length; a blank line where the page has one."""
    text, last = "", parts[0].line if parts else 0
    for part in parts:
        if len(text) > LONGEST_DESCRIPTION:
            break
        text += ("\n\n" if part.line > last + 1 else "\n") + str(part.value)[: LONGEST_DESCRIPTION + 1]
        last = part.last
    return shortened(text.strip())


def _is_words(text: str) -> bool:
    """Whether a line is a sentence rather than a value or a name that was lost."""
    return text[0] not in "\"'[{" and (" " in text or not text.isascii())


def _goes_on(options: Part, below: Part) -> bool:
    return options.what == "options" and str(below.value).endswith(",")


def _goes_on_below(prose: Part, below: Part) -> bool:
    """Whether a line ends with a comma right above a list of options."""
    return below.what == "options" and below.line == prose.last + 1 and str(prose.value).endswith(",")


def _limits_list(part: Part) -> bool:
    names = ("minItems", "maxItems", "minSize", "maxSize")
    return part.what == "limit" and all(limit.keyword in names for limit in part.value)


def _with_items(schema: Object) -> Iterator[Object]:
    while schema:
        yield schema
        schema = object_at(schema, "items")


def _ordered(schema: Object) -> Object:
    found = {key: schema[key] for key in KEYWORDS if key in schema}
    if isinstance(found.get("items"), dict):
        found["items"] = _ordered(found["items"])
    return found
