"""The body of the request and the replies of a copied page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from modellix._openapi import Object, is_array, is_object
from page2openapi.copied.blocks import Section
from page2openapi.copied.fields import Nesting
from page2openapi.copied.fitting import misfits
from page2openapi.copied.lines import Line, next_filled
from page2openapi.copied.notation import CONTENT_TYPE, STATUS, STATUS_ROW, TAB, WHOLE, is_label
from page2openapi.copied.types import parse_type
from page2openapi.page import Findings, quoted, shortened

MOST_UNREAD = 300  # lines of a section that are reported one by one

_STATUSES = re.compile(rf"(?:{STATUS.pattern}){{1,20}}")
_VALUE_LIKE = re.compile(r"""["\[{\d-].*""")
_JSON = "application/json"


@dataclass
class Payload(Findings):
    """What a section says of a body: its description, content types and schema. `sample` is kept as an example."""

    place: str
    heading: int
    statuses: list[str] = field(default_factory=list[str])
    types: list[str] = field(default_factory=list[str])
    descriptions: list[str] = field(default_factory=list[str])
    schema: Object | None = None
    sample: Any = None
    has_sample: bool = False

    @property
    def content(self) -> Object:
        """The `content` of a body or a response; empty when nothing is known of it."""
        if self.schema is None and not self.has_sample and not self.types:
            return {}
        media: Object = {} if self.schema is None else {"schema": self.schema}
        if self.has_sample:
            media["example"] = self.sample
        return {kind: dict(media) for kind in self.types or [_JSON]}


def read_payload(payload: Payload, section: Section) -> None:
    """Reads the lines above the first field, then the fields, and compares them with the sample."""
    tabs = _read_lead(payload, section)
    if section.blocks:
        _read_fields(payload, section, tabs)
    if payload.schema is not None and payload.has_sample:
        _compare(payload)


def _read_lead(payload: Payload, section: Section) -> list[Line]:
    """Takes content types and descriptions. Returns the tabs of a choice."""
    lead = [line for line in section.lead if line.text]
    while lead and CONTENT_TYPE.fullmatch(lead[0].text):
        payload.types.append(lead.pop(0).text)
    payload.types = list(dict.fromkeys(payload.types))
    tabs = [line for line in lead if TAB.fullmatch(line.text)]
    whole = [line for line in lead if WHOLE.fullmatch(line.text)]
    prose = [line for line in lead if line not in tabs and line not in whole]
    if whole and not section.blocks:
        _read_whole(payload, whole[0])
    strange = any(is_label(line.text) or _VALUE_LIKE.match(line.text) for line in prose)
    if section.blocks or payload.schema is not None:
        payload.descriptions = _descriptions(prose)
    else:
        _report_unread(payload, prose, strange)
    return tabs


def _read_whole(payload: Payload, line: Line) -> None:
    match = WHOLE.fullmatch(line.text)
    kind = parse_type(match["type"].strip("`")) if match else None
    if kind is None:
        payload.doubt(line.number, f"a type that is not known: {quoted(line.text)}")
    else:
        payload.schema = kind.schema


def _report_unread(payload: Payload, prose: Sequence[Line], strange: bool) -> None:
    """A section without any field: its lines may describe the whole as well as fields that lost their names."""
    if payload.place != "body" and not strange and len(_paragraphs(prose)) <= 2:
        payload.descriptions = _descriptions(prose)
        if payload.has_sample or payload.types or any(_JSON.startswith(line.text) for line in prose):
            payload.doubt(payload.heading, "no field of the reply is on the page")
        elif not prose:
            payload.doubt(payload.heading, "nothing below this heading")
        return
    for line in prose[:MOST_UNREAD]:
        payload.doubt(line.number, f"which field this belongs to is lost: {quoted(line.text)}")
    if len(prose) > MOST_UNREAD:
        payload.doubt(prose[MOST_UNREAD].number, f"{len(prose) - MOST_UNREAD} more lines whose fields are lost")
    if not prose:
        payload.doubt(payload.heading, "nothing below this heading")


def _paragraphs(lines: Sequence[Line]) -> list[str]:
    found, last = list[str](), -2
    for line in lines:
        if line.number == last + 1:
            found[-1] += "\n" + line.text
        else:
            found.append(line.text)
        last = line.number
    return found


def _descriptions(lines: Sequence[Line]) -> list[str]:
    """That of the whole, and that of its schema when there is a second one."""
    found = _paragraphs(lines)
    half = len(found) // 2
    if half > 1 and found[:half] == found[half:]:
        found = ["\n\n".join(found[:half])] * 2
    return [shortened(found[0]), *([shortened("\n\n".join(found[1:]))] if found[1:] else [])] if found else []


def _read_fields(payload: Payload, section: Section, tabs: Sequence[Line]) -> None:
    samples = [payload.sample] if payload.has_sample else []
    listed = is_array(payload.sample) and any(map(is_object, payload.sample))
    place = f"{payload.place}[]" if listed else payload.place
    fields = Nesting(section.blocks, place, payload.sample if listed else samples, literal=False).place_all()
    payload.take(fields)
    if not fields.schema.get("properties") and "additionalProperties" not in fields.schema:
        return
    payload.schema = fields.schema
    if listed:
        payload.schema = {"type": "array", "items": fields.schema}
        payload.doubt(payload.heading, "the sample is a list, so the fields are taken to be those of its items")
    if tabs:
        names = ", ".join(quoted(line.text) for line in tabs[:5])
        payload.doubt(tabs[0].number, f"one form among several: {names}; only one is shown")
        payload.schema = {"anyOf": [fields.schema, {}]}


def _compare(payload: Payload) -> None:
    assert payload.schema is not None
    for place, reason in misfits(payload.schema, payload.sample):
        text = f"the sample contradicts the field list, which is kept: {quoted(place or 'the whole')} {reason}"
        payload.warn(payload.lines.get(f"{payload.place}.{place}", payload.heading), text)
    properties, sample = payload.schema.get("properties"), payload.sample
    if payload.place == "body" or not properties or not is_object(sample):
        return
    listed, shown = list(properties), list(sample)
    if len(shown) > len(listed) and shown[: len(listed)] == listed:
        text = f"the sample goes on with {quoted(shown[len(listed)])}; the list of fields may be cut off"
        payload.doubt(max(payload.lines.values()), text)


# Replies.


def split_replies(lines: Sequence[Line], heading: Line) -> list[tuple[Payload, Sequence[Line]]]:
    """The replies below the heading `Response`, each with its lines below the row of statuses."""
    found = list[tuple[Payload, Sequence[Line]]]()
    for chunk in _chunks(lines):
        payload = Payload("response", heading.number)
        rest = _take_statuses(payload, chunk)
        if found:
            payload.place = f"response[{payload.statuses[0] if payload.statuses else len(found)}]"
        found.append((payload, rest))
    return found


def _chunks(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Cuts the section where the status of another reply stands above its content type."""
    starts, begun = [0], False
    for index, line in enumerate(lines):
        if begun and _starts_reply(lines, index):
            starts.append(index)
            begun = False
        begun = begun or bool(line.text and not _STATUSES.fullmatch(line.text[:100]))
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _starts_reply(lines: Sequence[Line], index: int) -> bool:
    if STATUS_ROW.fullmatch(lines[index].text):
        return True
    if not STATUS.fullmatch(lines[index].text):
        return False
    after = next_filled(lines, index + 1)
    while after < len(lines) and _STATUSES.fullmatch(lines[after].text[:100]):
        after = next_filled(lines, after + 1)
    return after < len(lines) and CONTENT_TYPE.fullmatch(lines[after].text) is not None


def _take_statuses(payload: Payload, lines: Sequence[Line]) -> Sequence[Line]:
    """Takes rows such as `200`, `2004XX` and `200 - application/json`. Returns the lines below them."""
    index = next_filled(lines, 0)
    while index < len(lines):
        row, run = STATUS_ROW.fullmatch(lines[index].text), _STATUSES.fullmatch(lines[index].text[:100])
        if row:
            payload.statuses.append(row["status"])
            payload.types.append(row["content"])
        elif run:
            payload.statuses += STATUS.findall(lines[index].text)
        else:
            break
        index = next_filled(lines, index + 1)
    payload.statuses = list(dict.fromkeys(payload.statuses))
    if not payload.statuses and index < len(lines) and CONTENT_TYPE.fullmatch(lines[index].text):
        payload.doubt(lines[index].number, "no status above the content type; 200 is assumed")
    return lines[index:]
