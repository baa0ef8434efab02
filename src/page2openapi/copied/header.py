"""The first rows of a field: its name, its type, and chips such as `header`, `default:5` and `required`."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from page2openapi.copied.lines import Line
from page2openapi.copied.notation import ATOMS, CHIPS, FLAGS, LOCATIONS, NOT_NAMES
from page2openapi.copied.types import Kind, may_be_type, parse_type, union, unknown_type
from page2openapi.page import Problem, quoted

_NAME = re.compile(r"(?:[\w$@.-]+\.)?\{key\}|(?=[^\W\d]|[$@]|\d*[^\W\d])[\w$@.\[\]*:+-]+(?<![.:,])")
_FLAG = re.compile("|".join(FLAGS))
_FLAGS = rf"(?P<flags>(?:{'|'.join(FLAGS)})*)"
_CHIP_ROW = re.compile(rf"(?P<location>{'|'.join(LOCATIONS)})?(?:default:(?P<default>.*?))?{_FLAGS}", re.DOTALL)
_CHIP_WORD = re.compile("|".join((*CHIPS, "default:")))
_RUN_ON = re.compile(rf"(?:{'|'.join(LOCATIONS)})?(?:required|deprecated)[A-Za-z0-9_]\S*.*")
_ALL_IN_ONE = re.compile(
    r"[A-Za-z_$@][\w$@.-]*?(?:string|integer|number|boolean|object|array|any|enum<\w+>)(?:<[\w-]+>)?(?:\[\])*"
    r"(?:header|path|query)?(?:default:\S*?)?(?:required|deprecated)+"
)
_LONGEST_ROW = 2_000  # characters
_LONGEST_NAME = 150
_MOST_ALTERNATIVES = 20


@dataclass
class Header:
    """What the rows say. `end` is the index of the line after them.

    `default` is the text as it stands there: empty where none is to be seen.
    """

    name: Line
    kinds: list[Kind]  # several where the page offers a choice of types
    end: int
    type_line: Line
    location: str | None = None
    default: Line | None = None
    glued: bool = False  # the default stands in one row with other chips, which may belong to it
    flags: set[str] = field(default_factory=set[str])
    doubts: list[Problem] = field(default_factory=list[Problem])  # each spoils the whole field

    @property
    def kind(self) -> Kind:
        """The type: whatever any of the rows allows."""
        return union(self.kinds)


@dataclass(frozen=True)
class Layout:
    """How a page sets its rows: with a blank line between them or not, and whether it has blank lines at all.

    `locations` are the chips that say where a field is sent, as far as they make sense in the section.
    """

    spaced: bool = False
    blankless: bool = False
    locations: tuple[str, ...] = LOCATIONS

    def is_chip(self, text: str) -> bool:
        """Whether a lone word is a chip."""
        return text in FLAGS or text in self.locations


def is_name(text: str) -> bool:
    """Whether a line can be the name of a field; words of the layout can."""
    if len(text) > _LONGEST_NAME or _NAME.fullmatch(text) is None or text in NOT_NAMES:
        return False
    return is_reserved(text) or not (is_chip_row(text) or parse_type(text))


def is_reserved(text: str) -> bool:
    """Whether a line that can be a name is a word of the layout as well."""
    return text in ATOMS or text in CHIPS


def is_lone_chip(text: str) -> bool:
    """Whether a line would be a chip if it stood among the rows of a field."""
    return text in FLAGS or (is_chip_row(text) and text != "default:")


def is_chip_row(text: str) -> bool:
    """Whether a row consists of chips, the bare words that may be names too left aside."""
    match = _CHIP_ROW.fullmatch(text) if text and len(text) <= _LONGEST_ROW else None
    return match is not None and text not in CHIPS


def is_type_row(text: str) -> bool:
    """Whether a row states a type, perhaps with chips run together with it."""
    return may_be_type(text) and (_read_type_row(text) is not None or unknown_type(text))


def is_run_on(text: str) -> bool:
    """Whether a row looks like a chip that goes on into another word."""
    return _RUN_ON.fullmatch(text) is not None and not is_chip_row(text)


def is_all_in_one(text: str) -> bool:
    """Whether name, type and chips were run together, so that nobody can tell where the name ends."""
    return len(text) <= 200 and _ALL_IN_ONE.fullmatch(text) is not None


def type_index(lines: Sequence[Line], index: int, layout: Layout) -> int | None:
    """Where the row of the type stands for a name at `index`, or None when none follows."""
    after = following(lines, index + 1, layout)
    if after is None or not is_type_row(lines[after].text):
        return None
    if _read_type_row(lines[after].text) is not None:
        return after
    below = following(lines, after + 1, layout)
    is_name_itself = below is not None and _read_type_row(lines[below].text) is not None
    return None if is_name_itself else after  # `ids[]` looks like a type, yet may be a name.


def starts_field(lines: Sequence[Line], index: int, layout: Layout) -> bool:
    """Whether a name stands here with a type below it."""
    return is_name(lines[index].text) and type_index(lines, index, layout) is not None


def read_header(lines: Sequence[Line], index: int, layout: Layout, names: Set[str]) -> Header:
    """The rows of the field whose type stands below its name at `index`; `names` are those seen in samples."""
    row = type_index(lines, index, layout)
    assert row is not None
    header = read_rows(lines, row, layout, names)
    header.name = lines[index]
    return header


def read_rows(lines: Sequence[Line], row: int, layout: Layout, names: Set[str]) -> Header:
    """The rows from the type on, for a field whose name is not known."""
    header = _from_type_row(lines[row])
    header.end = row + 1
    while (after := following(lines, header.end, layout)) is not None:
        if not _take_row(header, lines, after, layout, names):
            break
    _doubt_run_on(header, lines, layout)
    return header


def following(lines: Sequence[Line], index: int, layout: Layout) -> int | None:
    """The index of the row at `index`, or behind one blank line in a spaced layout; None when there is none."""
    if layout.spaced and index < len(lines) and not lines[index].text:
        index += 1
    return index if index < len(lines) and lines[index].text else None


def _read_type_row(text: str) -> tuple[Kind, str] | None:
    """The type at the start of a row, and the chips run together with it."""
    kind = parse_type(text)
    if kind is not None or len(text) > _LONGEST_ROW:
        return (kind, "") if kind else None
    for match in _CHIP_WORD.finditer(text[:400]):
        kind = parse_type(text[: match.start()].rstrip())
        if kind is not None and _CHIP_ROW.fullmatch(text[match.start() :]):
            return kind, text[match.start() :]
    return None


def _from_type_row(line: Line) -> Header:
    read = _read_type_row(line.text)
    if read is None:
        return Header(line, [Kind(known=False)], 0, line)
    header = Header(line, [read[0]], 0, line)
    if read[1]:
        _add_chips(header, Line(line.number, read[1]), glued=True)
    return header


def _take_row(header: Header, lines: Sequence[Line], index: int, layout: Layout, names: Set[str]) -> bool:
    """Adds a row below the type to the header. False when the header has ended."""
    line = lines[index]
    if starts_field(lines, index, layout) and _is_next_field(header, lines, index, layout, names):
        return False
    if line.text == "default:":
        return _take_split_default(header, lines, index, layout)
    if _adds_chips(header, line.text, layout):
        _add_chips(header, Line(line.number, line.text.lower() if line.text == "Required" else line.text))
        header.end = index + 1
        return True
    return _take_alternative(header, lines, index, layout)


def _take_alternative(header: Header, lines: Sequence[Line], index: int, layout: Layout) -> bool:
    """A choice of types shows the chosen one first, and then all of them; anything else is a type without a name."""
    rows = list[Kind]()
    at: int | None = index
    while at is not None and len(rows) < _MOST_ALTERNATIVES and (kind := parse_type(lines[at].text)):
        rows.append(kind)
        header.end, at = at + 1, following(lines, at + 1, layout)
    if header.kinds[0] not in rows or header.flags or header.default:
        header.end = index
        return False
    header.kinds = [kind for place, kind in enumerate(rows) if kind not in rows[:place]]
    return True


def _is_next_field(header: Header, lines: Sequence[Line], index: int, layout: Layout, names: Set[str]) -> bool:
    """Whether a row with a type below it is the next field's name. Words of the layout need a sample that has them."""
    word = lines[index].text
    if not (word in ATOMS or layout.is_chip(word)) or word in names:
        return True
    below = lines[index + 1 : index + 3]
    if word in ATOMS and any(parse_type(line.text) in header.kinds for line in below):
        return False  # A choice of types: the one shown, then all of them.
    if layout.is_chip(word) and starts_field(lines, index + 1, layout):
        return False  # The next field is named like a type.
    text = f"{quoted(word)} may belong to the rows above it or be the name of a field"
    header.doubts.append(Problem(lines[index].number, text))
    return False


def _adds_chips(header: Header, text: str, layout: Layout) -> bool:
    if text == "Required":
        return "required" not in header.flags
    return layout.is_chip(text) or is_chip_row(text)


def _add_chips(header: Header, line: Line, *, glued: bool = False) -> None:
    match = _CHIP_ROW.fullmatch(line.text)
    assert match is not None
    header.location = match["location"] or header.location
    if match["default"] is None:
        header.flags |= set(_FLAG.findall(match["flags"]))
        return
    header.default = Line(line.number, line.text[match.start("default") :].strip())
    header.glued = glued or bool(match["location"])


def _take_split_default(header: Header, lines: Sequence[Line], index: int, layout: Layout) -> bool:
    """`default:` on a line of its own: the value is the next row, unless there is none."""
    after = following(lines, index + 1, layout)
    header.default, header.end = Line(lines[index].number, ""), index + 1
    if after is not None and _is_split_value(lines, index, after, layout):
        header.default, header.end = lines[after], after + 1
    return True


def _is_split_value(lines: Sequence[Line], index: int, after: int, layout: Layout) -> bool:
    if layout.is_chip(lines[after].text) or starts_field(lines, after, layout):
        return False
    return after == index + 1 or _chips_follow(lines, after, layout)


def _chips_follow(lines: Sequence[Line], index: int, layout: Layout) -> bool:
    after = following(lines, index + 1, layout)
    return after is not None and layout.is_chip(lines[after].text)


def _doubt_run_on(header: Header, lines: Sequence[Line], layout: Layout) -> None:
    """A chip that goes on into other words, or is cut off at the end of the page."""
    after = following(lines, header.end, layout)
    if after is None:
        return
    text, last = lines[after].text, after == len(lines) - 1
    cut = last and any(chip.startswith(text) for chip in (*CHIPS, "default:")) and text not in CHIPS
    if text and (cut or is_run_on(text)):
        header.doubts.append(Problem(lines[after].number, f"a row that is run together or cut off: {quoted(text)}"))
