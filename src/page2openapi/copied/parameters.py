"""Parameters and authentication of a copied page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modellix._openapi import Object
from page2openapi.copied.blocks import Block, Section
from page2openapi.copied.facts import Field
from page2openapi.copied.fields import Fields, Nesting
from page2openapi.copied.request import Request
from page2openapi.page import Findings, Problem, path_parameters, quoted

_SCHEMES = ("bearer", "basic")
_LIKE_A_KEY = re.compile(r"<api[-_ ]?key>", re.IGNORECASE)


def read_parameters(kind: str, section: Section) -> tuple[list[Object], Fields]:
    """The parameters of a section, `kind` being where they go: `path`, `query`, `header` or `cookie`."""
    fields = Nesting(section.blocks, f"param.{kind}", [], literal=True).place_all()
    fields.problems += [Problem(line.number, f"not understood: {quoted(line.text)}") for line in section.lead]
    parameters = list[Object]()
    for found in fields.found:
        if found.location not in (None, kind):
            text = f"{quoted(found.name)} says {found.location}, but stands among the {kind} parameters"
            fields.doubt(found.line, text)
        elif found.name == "{key}":
            fields.doubt(found.line, "a parameter with any name")
        else:
            parameters.append(_parameter(found, kind))
    return parameters, fields


def complete_path(parameters: list[Object], request: Request) -> None:
    """Adds the path parameters that only the path names, as a document must have them all."""
    stated = {one["name"] for one in parameters if one["in"] == "path"}
    for name, parameter in path_parameters(request.path).items():
        if name not in stated:
            parameters.append(parameter)
            request.doubt(request.url_line, f"{quoted(name)} is in the path, but in no field list")


def _parameter(found: Field, kind: str) -> Object:
    schema = dict(found.schema)
    parameter: Object = {"name": found.name, "in": kind}
    if found.required or kind == "path":
        parameter["required"] = True
    for keyword in ("description", "deprecated"):
        if keyword in schema:
            parameter[keyword] = schema.pop(keyword)
    return {**parameter, "schema": schema}


# Authentication.


class Authentication(Findings):
    """The schemes that the page asks for, all of them together."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self.schemes: dict[str, Object] = {}
        self.line = 0

    def read(self, section: Section) -> None:
        """The fields below the heading `Authorizations`."""
        fields = Nesting(section.blocks, "auth", [], literal=True).place_all()
        self.problems += fields.problems
        text = "not understood; there may be other ways to authenticate"
        self.problems += [Problem(line.number, f"{text}: {quoted(line.text)}") for line in section.lead]
        for found in fields.found:
            self.line = self.line or found.line
            self._add(found)
        if not self.schemes:
            self.read_sample()

    def read_preamble(self, blocks: Sequence[Block]) -> None:
        """Fields with a chip such as `header`, found above the first heading."""
        named = [block for block in blocks if block.name and not block.header.doubts]
        self.read(Section(blocks=[block for block in named if block.header.location]))
        for block in named:
            if not block.header.location:
                self.doubt(block.line, f"{quoted(block.name or '')} stands above all headings")

    def read_sample(self) -> None:
        """What the headers of the sample request show, for want of a field list."""
        for name, value in self._request.headers.items():
            if name == "authorization" and _scheme_of(value):
                self._set(f"{_scheme_of(value)}Auth", {"type": "http", "scheme": _scheme_of(value)})
            elif _LIKE_A_KEY.fullmatch(value):
                self._set(name, {"type": "apiKey", "in": "header", "name": name})
        self.line = self.line or self._request.url_line

    def _add(self, found: Field) -> None:
        where = found.location or ("header" if found.name.lower() == "authorization" else None)
        if where not in ("header", "query", "cookie"):
            self.doubt(found.line, f"{quoted(found.name)}: where it is sent is not on the page")
            return
        description = {"description": found.schema["description"]} if "description" in found.schema else {}
        scheme = self._scheme(found) if where == "header" and found.name.lower() == "authorization" else None
        if scheme:
            self._set(f"{scheme}Auth", {"type": "http", "scheme": scheme, **description})
        else:
            self._set(found.name, {"type": "apiKey", "in": where, "name": found.name, **description})

    def _scheme(self, found: Field) -> str | None:
        """Bearer or basic, as the sample request shows it or the description says it."""
        shown = self._request.headers.get("authorization")
        if shown is not None:
            return _scheme_of(shown)
        words = str(found.schema.get("description", "")).lower()
        said = [scheme for scheme in _SCHEMES if re.search(rf"\b{scheme}\b", words)]
        return said[0] if len(said) == 1 else None

    def _set(self, name: str, scheme: Object) -> None:
        key = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        while key in self.schemes:
            key += "_"
        self.schemes[key] = scheme


def _scheme_of(value: str) -> str | None:
    first = value.split(" ", 1)[0].lower()
    return first if first in _SCHEMES and " " in value else None
