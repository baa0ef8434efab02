"""What each keyword of JSON Schema is: one table, from which everybody reads what a limit means.

A new kind of limit begins here. The client checks it in `openapi/templates/checks.py.jinja`, and the sentence of
its promise stands beside those of the others in the contract tests. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

# fmt: off
Takes = Literal[
    "schema", "list of schemas", "map of schemas", "reference", "name of a schema",
    "number", "count", "pattern", "flag", "types", "value", "list of values", "names", "map of names", "text",
]
# fmt: on
Bound = Literal["lower", "upper"]


@dataclass(frozen=True)
class Keyword:
    """What a keyword of JSON Schema is.

    `of` is the type whose values it judges (`number` stands for integers too), empty for any type. `needs` names the
    keyword without which it says nothing. A strict bound refuses the limit itself. `is_in_place`: its schemas judge
    the same value as the schema around them. `is_checked`: the generated client refuses what breaks it; a document
    with one that is not checked, in a request, is refused by `scripts.regenerate`.
    """

    name: str
    takes: Takes
    of: Literal["", "string", "number", "array", "object"] = ""
    bound: Bound | None = None
    is_strict: bool = False
    needs: str = ""
    is_annotation: bool = False
    is_in_place: bool = False
    is_checked: bool = True

    @property
    def has_schemas(self) -> bool:
        """Whether there are schemas inside its value."""
        return self.takes in ("schema", "list of schemas", "map of schemas")

    @property
    def is_limit(self) -> bool:
        """Whether it limits the values of one type by itself, with one plain value: maxLength, pattern, uniqueItems."""
        return bool(self.of) and self.takes in ("number", "count", "pattern", "flag") and not self.needs

    @property
    def larger_is_looser(self) -> bool | None:
        """Whether a larger limit allows more; None when it is no bound."""
        return None if self.bound is None else self.bound == "upper"

    def judges(self, kind: str) -> bool:
        """Whether it says something about values of a JSON type."""
        return self.of in ("", "number" if kind == "integer" else kind)

    def forbids_nothing(self, limit: Any) -> bool:
        """Whether a limit allows all: at least 0 characters, or a flag that is off."""
        return (
            self.is_limit and not limit and (self.takes == "flag" or (self.takes == "count" and self.bound == "lower"))
        )

    def measure(self, value: Any) -> Any:
        """What a bound compares with its limit: the length or count of a value, or a number itself."""
        return len(value) if self.takes == "count" else value

    def allows(self, limit: Any, measured: Any) -> bool:
        """Whether a bound or `multipleOf` with this limit allows a length, a count or a number."""
        if self.bound is None:
            return self.name != "multipleOf" or Fraction(str(measured)) % Fraction(str(limit)) == 0
        above = measured - limit if self.bound == "lower" else limit - measured
        return bool(above > 0 or (above == 0 and not self.is_strict))

    def tightness(self, limit: float) -> tuple[float, bool]:
        """What orders limits of one bound, strict or not: the higher, the less is allowed."""
        return (limit if self.bound == "lower" else -limit), self.is_strict


def _many(names: str, takes: Takes, **facts: Any) -> Iterator[Keyword]:
    yield from (Keyword(name, takes, **facts) for name in names.split())


def _rows() -> Iterator[Keyword]:
    """In the order in which a schema is best written and read."""
    yield Keyword("$ref", "reference")
    yield from _many("title description $comment", "text", is_annotation=True)
    yield Keyword("type", "types")
    yield from _many("format contentEncoding contentMediaType", "text", is_annotation=True)
    yield Keyword("enum", "list of values")
    yield Keyword("const", "value")
    yield Keyword("default", "value", is_annotation=True)
    # Of one type.
    yield Keyword("minLength", "count", "string", "lower")
    yield Keyword("maxLength", "count", "string", "upper")
    yield Keyword("pattern", "pattern", "string")
    yield Keyword("minimum", "number", "number", "lower")
    yield Keyword("exclusiveMinimum", "number", "number", "lower", is_strict=True)
    yield Keyword("maximum", "number", "number", "upper")
    yield Keyword("exclusiveMaximum", "number", "number", "upper", is_strict=True)
    yield Keyword("multipleOf", "number", "number")
    yield Keyword("minItems", "count", "array", "lower")
    yield Keyword("maxItems", "count", "array", "upper")
    yield Keyword("uniqueItems", "flag", "array")
    yield Keyword("minProperties", "count", "object", "lower")
    yield Keyword("maxProperties", "count", "object", "upper")
    yield from _many("deprecated readOnly writeOnly", "flag", is_annotation=True)
    # With something inside.
    yield Keyword("prefixItems", "list of schemas", "array")
    yield Keyword("items", "schema", "array")
    yield from _many("additionalItems unevaluatedItems", "schema", of="array", is_checked=False)
    yield Keyword("contains", "schema", "array", is_checked=False)
    yield Keyword("minContains", "count", "array", "lower", needs="contains", is_checked=False)
    yield Keyword("maxContains", "count", "array", "upper", needs="contains", is_checked=False)
    yield Keyword("required", "names", "object")
    yield Keyword("dependentRequired", "map of names", "object", is_checked=False)
    yield Keyword("properties", "map of schemas", "object")
    yield Keyword("patternProperties", "map of schemas", "object", is_checked=False)
    yield Keyword("additionalProperties", "schema", "object")
    yield from _many("unevaluatedProperties propertyNames", "schema", of="object", is_checked=False)
    yield Keyword("dependentSchemas", "map of schemas", "object", is_in_place=True, is_checked=False)
    yield Keyword("dependencies", "map of schemas", "object", is_in_place=True, is_checked=False)  # or lists of names
    yield from _many("allOf anyOf oneOf", "list of schemas", is_in_place=True)
    yield Keyword("not", "schema", is_in_place=True)
    yield Keyword("if", "schema", is_in_place=True, is_checked=False)
    yield from _many("then else", "schema", needs="if", is_in_place=True, is_checked=False)
    # Of no value by themselves.
    yield Keyword("contentSchema", "schema", is_annotation=True)
    yield from _many("$defs definitions", "map of schemas", is_annotation=True)
    yield from _many("example", "value", is_annotation=True)
    yield from _many("examples", "list of values", is_annotation=True)
    # Other ways of finding a schema than by its place.
    names = "$id $anchor $dynamicAnchor $dynamicRef $recursiveRef $recursiveAnchor $schema"
    yield from _many(names, "name of a schema", is_checked=False)


KEYWORDS: Final[dict[str, Keyword]] = {keyword.name: keyword for keyword in _rows()}
"""The one table of keywords, by name. What is not in it (`x-` fields, spelling mistakes) limits nothing."""


def limits_for(kind: str) -> tuple[str, ...]:
    """The limits of one type, in the order of the table: minLength, maxLength and pattern for `string`."""
    return tuple(name for name, keyword in KEYWORDS.items() if keyword.is_limit and keyword.of == kind)


def bounds_for(kind: str, *, strict: bool = False) -> tuple[str, str]:
    """The lower and the upper bound of one type."""
    bounds = [name for name in limits_for(kind) if KEYWORDS[name].bound and KEYWORDS[name].is_strict is strict]
    lower, upper = sorted(bounds, key=lambda name: KEYWORDS[name].bound or "")
    return lower, upper
