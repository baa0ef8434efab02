"""A page as it is copied from the browser, made into a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from modellix._openapi import Object, is_object, objects_in
from page2openapi.copied.blocks import Block, Section, read_section
from page2openapi.copied.header import Layout, is_name
from page2openapi.copied.lines import Line
from page2openapi.copied.parameters import Authentication, complete_path, read_parameters
from page2openapi.copied.payloads import MOST_UNREAD, Payload, read_payload, split_replies
from page2openapi.copied.request import Request, read_request
from page2openapi.copied.sections import Sections, split
from page2openapi.page import Page, Problem, empty_document, in_order, quoted

_PARAMETERS = ("path", "query", "header", "cookie")
_LOCATIONS = {"auth": ("header", "query", "cookie"), "response": ()}
_LONGEST_LINK = 60  # characters of a link to a neighbouring page
_MOST_LINKS = 4
_MOST_OBJECTS = 10_000  # of samples whose names are looked at
_MARKDOWN_LINKS = re.compile(r"(?:\[[^\[\]]{1,200}\]\([^()\s]{1,500}\))+")


def read_copied(lines: Sequence[Line], problems: Sequence[Problem], source: str) -> Page:
    """The page as a document of one operation; what cannot be read is among its problems, besides those known."""
    copied = _Copied(lines, source)
    copied.page.problems += problems
    return copied.read()


class _Copied:
    def __init__(self, lines: Sequence[Line], source: str) -> None:
        self._lines = lines
        self._sections: Sections = split(lines)
        before, after = self._sections.before, self._sections.after
        self._request: Request = read_request(before, after, alone=not self._sections.parts)
        self._names = _names_in(self._request.body, self._request.reply)
        self.page = Page(source, empty_document())
        self._replies = list[tuple[Payload, Section]]()
        self._parts = dict[str, Section]()
        self._last_line = max((line.number for line in lines if line.text), default=0)

    def read(self) -> Page:
        self._read_sections()
        self._check_end()
        operation = self._operation()
        self.page.document = self._document(operation)
        self.page.take(self._sections)
        self.page.take(self._request)
        self.page.problems = in_order(self.page.problems)
        self.page.warnings = in_order(self.page.warnings)
        return self.page

    # Cutting up.

    def _read_sections(self) -> None:
        for name, lines in self._sections.parts.items():
            if name == "response":
                self._read_replies(lines)
            else:
                self._parts[name] = read_section(lines, self._layout(name), self._names)
        sections = [*self._parts.values(), *(section for _, section in self._replies)]
        self.page.problems += [problem for section in sections for problem in section.problems]

    def _layout(self, section: str) -> Layout:
        return replace(self._sections.layout, locations=_LOCATIONS.get(section, (section,)))

    def _read_replies(self, lines: Sequence[Line]) -> None:
        for payload, rest in split_replies(lines, self._sections.headings["response"]):
            self._replies.append((payload, read_section(rest, self._layout("response"), self._names)))
        first, section = self._replies[0]
        self._doubt_first_field(section)
        if not first.statuses or (first.statuses[0][0] in "2d" and first.statuses[0] != "204"):
            first.sample, first.has_sample = self._request.reply, self._request.has_reply

    def _doubt_first_field(self, section: Section) -> None:
        """Without names, the one word that describes a reply stands above a type like a name."""
        block = section.blocks[0] if section.blocks else None
        shown = self._request.reply
        if block and block.name and is_object(shown) and block.name not in shown and block.name[0].isupper():
            text = f"{quoted(block.name)} may be a description or the name of a field"
            block.header.doubts.append(Problem(block.line, text))

    # The end of the page: cut off, or followed by links.

    def _check_end(self) -> None:
        last = self._replies[-1][1] if self._replies else list(self._parts.values())[-1] if self._parts else None
        blocks = last.blocks if last else []
        if not self._sections.parts:
            self.page.doubt(0, "no field lists are on the page")
            self._report_rest()
        elif not self._replies:
            self.page.doubt(self._last_line, "the page ends here without its reply, as if it were cut off")
            if blocks:
                self._cut(blocks[-1])
            self._take_back_reply()
        elif blocks:
            self._check_last(blocks)

    def _report_rest(self) -> None:
        rest = [line for line in self._lines if line.text and line.number > self._request.last_line]
        for line in rest[:MOST_UNREAD]:
            self.page.doubt(line.number, f"not understood: {quoted(line.text)}")

    def _take_back_reply(self) -> None:
        """Without its heading, the reply's list of fields goes on where that of the body ends."""
        blocks = self._parts["body"].blocks if "body" in self._parts else []
        shown = _names_in(self._request.reply) - _names_in(self._request.body)
        for block in reversed(blocks):
            if block.name is not None and block.name.split(".")[0] not in shown:
                break
            block.header.doubts.append(Problem(block.line, f"{quoted(block.name or '')} may belong to the reply"))

    def _cut(self, block: Block) -> None:
        """The last thing before the cut is not certain."""
        name = quoted(block.header.name.text)
        if not block.parts:
            block.header.doubts.append(Problem(block.line, f"the page ends within the rows of {name}"))
            return
        last = block.parts[-1]
        if last.what in ("limit", "options", "examples") and last.last >= self._last_line:
            block.parts.pop()
        self.page.doubt(last.last, f"{name} may go on; the page ends here")

    def _check_last(self, blocks: Sequence[Block]) -> None:
        block = blocks[-1]
        _drop_links(block, footer=bool(self._sections.after))
        header, parts = block.header, block.parts
        if len(parts) > 1 and parts[-1].what == "prose" and is_name(parts[-1].value) and not self._sections.after:
            self.page.doubt(parts[-1].line, f"{quoted(parts[-1].value)} may be a field that is cut off")
        bare = not (parts or header.flags or header.location or header.default or self._sections.after)
        alone = len(blocks) == 1
        if bare and block.name and (alone or any("required" in one.header.flags for one in blocks)):
            text = f"the page ends with the type of {quoted(block.name)}; whether it is required is not certain"
            self.page.doubt(block.line, text)

    # Making the document.

    def _operation(self) -> Object:
        operation: Object = {"summary": self._request.title} if self._request.title else {}
        security = self._authenticate()
        if security is not None:
            operation["security"] = security
        parameters = self._parameters()
        if parameters:
            operation["parameters"] = parameters
        body = self._body()
        if body:
            operation["requestBody"] = body
        responses = self._responses()
        return {**operation, "responses": responses} if responses else operation

    def _authenticate(self) -> list[Object] | None:
        found = self._authentication = Authentication(self._request)
        if "auth" in self._parts:
            found.read(self._parts["auth"])
        else:
            preamble = read_section(self._sections.before, self._sections.layout, self._names)
            found.read_preamble(preamble.blocks)
        if found.line:
            self.page.lines["auth"] = found.line
        self.page.take(found)
        if found.schemes:
            return [{name: [] for name in found.schemes}]
        has_fields = any(section.blocks for section in self._parts.values()) and bool(self._replies)
        return [] if "auth" not in self._parts and has_fields and self._request.has_sample else None

    def _parameters(self) -> list[Object]:
        found = list[Object]()
        for kind in _PARAMETERS:
            if kind in self._parts:
                parameters, fields = read_parameters(kind, self._parts[kind])
                found += parameters
                self.page.take(fields)
        complete_path(found, self._request)
        return found

    def _body(self) -> Object:
        request = self._request
        if "body" not in self._parts:
            if request.has_body and self._replies:
                self.page.doubt(request.url_line, "the sample request has a body, but no field list describes it")
            return {}
        payload = Payload("body", self._sections.headings["body"].number)
        payload.sample, payload.has_sample = request.body, request.has_body
        read_payload(payload, self._parts["body"])
        self._take(payload)
        body: Object = {"description": payload.descriptions[0]} if payload.descriptions else {}
        required = is_object(payload.schema) and bool(payload.schema.get("required"))
        return {**body, "content": payload.content, **({"required": True} if required else {})}

    def _responses(self) -> Object:
        found: Object = {}
        for payload, section in self._replies:
            read_payload(payload, section)
            self._take(payload)
            if not (payload.statuses or payload.types or payload.descriptions or payload.schema):
                continue
            first, *others = payload.statuses or ["200"]
            response: Object = {"description": payload.descriptions[0] if payload.descriptions else ""}
            if payload.content:
                response["content"] = payload.content
            if first in found and found[first] != {"description": ""}:
                self.page.doubt(payload.heading, f"the reply {first} is on the page twice")
            else:
                found[first] = response
            for other in others:
                found.setdefault(other, {"description": ""})
        return found

    def _take(self, payload: Payload) -> None:
        if payload.schema is not None and len(payload.descriptions) > 1:
            payload.schema = {"description": payload.descriptions[1], **payload.schema}
        self.page.lines[payload.place] = payload.heading
        self.page.take(payload)

    def _document(self, operation: Object) -> Object:
        request = self._request
        document = empty_document(request.title or f"{request.method or ''} {request.path or ''}".strip())
        if request.server:
            document["servers"] = [{"url": request.server}]
        components: Object = {}
        if self._authentication.schemes:
            components["securitySchemes"] = self._authentication.schemes
        if request.method and request.path:
            document["paths"] = {request.path: {request.method.lower(): operation}}
            self.page.lines |= {"url": request.url_line, "method": request.method_line}
        else:
            self.page.doubt(0, "method and path are not on the page")
            components |= _loose_parts(operation)
        if components:
            document["components"] = components
        return {key: document[key] for key in ("openapi", "info", "servers", "paths", "components") if key in document}


def _loose_parts(operation: Object) -> Object:
    """What is known of an operation whose path is not, as components."""
    found: Object = {}
    parameters = {f"{one['in']}.{one['name']}": one for one in operation.get("parameters", [])}
    named = {"".join(c if c.isalnum() else "_" for c in key): value for key, value in parameters.items()}
    if named:
        found["parameters"] = named
    if "requestBody" in operation:
        found["requestBodies"] = {"Body": operation["requestBody"]}
    return {**found, **({"responses": operation["responses"]} if "responses" in operation else {})}


def _drop_links(block: Block, *, footer: bool) -> None:
    """Titles of neighbouring pages, copied from below the last field."""
    parts = block.parts
    start = len(parts)
    while start > 1 and len(parts) - start < _MOST_LINKS and _is_link(parts[start - 1].value, footer=footer):
        start -= 1
    separate = start < len(parts) and parts[start].line > parts[start - 1].last + 1
    if separate:
        del parts[start:]


def _is_link(value: object, *, footer: bool) -> bool:
    if not isinstance(value, str):
        return False
    return _MARKDOWN_LINKS.fullmatch(value) is not None or (
        footer and len(value) <= _LONGEST_LINK and value[-1:] not in tuple(".!?:;,")
    )


def _names_in(*samples: Any) -> set[str]:
    """The names of all fields in samples, within bounds."""
    return {name for _, owner in islice(objects_in([*samples]), _MOST_OBJECTS) for name in owner}
