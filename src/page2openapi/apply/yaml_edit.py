"""Edits YAML in place: whatever is not edited keeps its bytes, and comments stay where they are.

ruamel.yaml keeps a comment with the entry above it. So an entry that goes, or one that is put behind the last, would
take along, or push away, the heading of what follows; the functions here hand such comments over.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString
from ruamel.yaml.tokens import CommentToken

from modellix._openapi import is_array, is_object
from page2openapi.outputs import is_plain

LONGEST_LINE = 118  # characters of a line that is written anew
LONGEST_FLOW = 90  # characters of a list that stands on one line

_SENTENCE = re.compile(r"[A-Za-z]\S* .*[^\s:]")


def load(text: str) -> Any:
    """The document as ruamel.yaml's own mappings and lists, which know their comments."""
    return _yaml().load(text)


def dump(root: Any) -> str:
    """The text of a document."""
    out = io.StringIO()
    _yaml().dump(root, out)
    return out.getvalue()


def _yaml() -> Any:
    yaml: Any = YAML()
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000  # Lines are broken where they were, and where `fresh` breaks them.
    return yaml


def plain(value: Any) -> Any:
    """The same as ordinary data."""
    if is_object(value):
        return {str(key): plain(inner) for key, inner in value.items()}
    if is_array(value):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return float(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def fresh(value: Any, column: int = 0) -> Any:
    """New data as this document writes it: short lists on one line, long texts folded, doubtful words quoted.

    `column` is how far the value will be indented.
    """
    if is_object(value):
        made: Any = CommentedMap()
        for key, inner in value.items():
            made[_text(str(key), LONGEST_LINE)] = fresh(inner, column + 2)
        return made
    if is_array(value):
        made = CommentedSeq([fresh(inner, column + 4) for inner in value])
        if not any(is_object(inner) or is_array(inner) for inner in value) and len(str(value)) <= LONGEST_FLOW:
            made.fa.set_flow_style()
        return made
    return _text(value, LONGEST_LINE - column) if isinstance(value, str) else value


def _text(text: str, width: int) -> Any:
    if len(text) > width and text.isprintable() and text == " ".join(text.split()):
        return _folded(text, max(width, 40))
    if is_plain(text):
        return text
    if _SENTENCE.fullmatch(text) and text.isprintable() and ": " not in text and " #" not in text:
        return text
    return DoubleQuotedScalarString(text)


def _folded(text: str, width: int) -> Any:
    """Words on several lines, where `>-` puts spaces for the line ends."""
    folds, line = list[int](), 0
    for match in re.finditer(r" ", text):
        end = text.find(" ", match.end())
        if (len(text) if end < 0 else end) - line > width:
            folds.append(match.start())
            line = match.end()
    folded: Any = FoldedScalarString(text)
    folded.fold_pos = folds
    return folded


def is_flow(value: Any) -> bool:
    """Whether a mapping or list stands between brackets."""
    return bool(value.fa.flow_style())


# Entries.


def insert_after(owner: Any, before: Iterable[Any], key: Any, value: Any) -> None:
    """Puts a new entry behind the last of the entries `before` that are there, or in front of all."""
    keys = list(owner)
    place = max((keys.index(one) + 1 for one in before if one in keys), default=0)
    rest = _take_tail(owner, keys[place - 1]) if place else ""
    owner.insert(place, key, value)
    if rest:
        _give_tail(owner, key, rest)


def remove(owner: Any, key: Any) -> None:
    """Takes an entry away; comments below it stay."""
    keys = list(owner)
    index = keys.index(key)
    rest = _lead(owner, key) + _take_tail(owner, key)
    del owner[key]
    owner.ca.items.pop(key, None)
    if rest and index:
        _give_tail(owner, keys[index - 1], rest)
    elif rest and index + 1 < len(keys):
        _give_lead(owner, keys[index + 1], rest)


def replace(owner: Any, key: Any, value: Any) -> None:
    """Puts a value in the place of another; comments below it stay."""
    rest = _take_tail(owner, key)
    owner[key] = value
    if rest:
        _give_tail(owner, key, rest)


def own_copy(value: Any, column: int) -> Any:
    """A copy that will be indented by `column`. It leaves behind what stands below the original's last entry."""
    copied: Any = copy.deepcopy(value)
    if _is_commented(copied) and copied:
        _take_tail(copied, list(copied)[-1])
        _indent_comments(copied, column - (copied.lc.col or 0))
    return copied


def _indent_comments(value: Any, by: int) -> None:
    if not _is_commented(value):
        return
    for token in (token for row in value.ca.items.values() for token in row if isinstance(token, CommentToken)):
        token.value = re.sub(r"(?<=\n) +(?=#)", lambda match: " " * max(len(match[0]) + by, 0), token.value)
    for inner in value.values() if is_object(value) else value:
        _indent_comments(inner, by)


def _is_commented(value: Any) -> bool:
    return isinstance(value, CommentedMap | CommentedSeq)


# The comments below the last line of an entry: its tail. In ruamel.yaml they stand in one token with the comment at the
# end of that line, which stays where it is.


def _leaf(owner: Any, key: Any) -> tuple[Any, Any]:
    """The innermost last entry of a block."""
    inner: Any = owner[key]
    while _is_commented(inner) and inner and not is_flow(inner):
        owner, key = inner, (len(inner) - 1 if is_array(inner) else list(inner)[-1])
        inner = owner[key]
    return owner, key


def _slot(owner: Any) -> int:
    return 0 if is_array(owner) else 2


def _take_tail(owner: Any, key: Any) -> str:
    owner, key = _leaf(owner, key)
    row = owner.ca.items.get(key)
    token = row[_slot(owner)] if row else None
    if token is None:
        return ""
    first, end, rest = str(token.value).partition("\n")
    row[_slot(owner)] = CommentToken(first + end, token.start_mark, None) if first else None
    inner: Any = owner[key]
    if _is_commented(inner) and inner.ca.comment:
        inner.ca.comment[0] = row[_slot(owner)]
    return rest


def _give_tail(owner: Any, key: Any, rest: str) -> None:
    owner, key = _leaf(owner, key)
    row = owner.ca.items.setdefault(key, [None, None, None, None])
    token = row[_slot(owner)]
    before = str(token.value) if token is not None else "\n"
    mark = token.start_mark if token is not None else CommentMark(0)
    row[_slot(owner)] = CommentToken(before + rest, mark, None)


# The comments above an entry, where they do not belong to the one before.


def _lead(owner: Any, key: Any) -> str:
    row = owner.ca.items.get(key)
    return "".join(str(token.value) for token in row[1]) if row and row[1] else ""


def _give_lead(owner: Any, key: Any, rest: str) -> None:
    row = owner.ca.items.setdefault(key, [None, None, None, None])
    row[1] = [CommentToken(rest, CommentMark(0), None), *(row[1] or [])]
