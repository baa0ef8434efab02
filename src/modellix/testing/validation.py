"""Request bodies: bytes to JSON, and JSON against the schema in the document."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from modellix._keywords import KEYWORDS
from modellix.testing.extra import missing_extra
from modellix.testing.replies import Refused

try:
    from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind
except ModuleNotFoundError as error:
    raise missing_extra(error.name) from error

# What to say when a keyword is broken: a word of the fitting category, and the detail. When several are broken, the
# one that stands first here is told.
_BEYOND = {
    "string": {"lower": "is too short", "upper": "is too long"},
    "array": {"lower": "has too few elements", "upper": "has too many elements"},
    "object": {"lower": "has too few fields", "upper": "has too many fields"},
    "number": {"lower": "is too small", "upper": "is too large"},
}
FAULTS = {
    "required": ("missing", "{field}"),
    "type": ("parameters", "{field} has the wrong type"),
    "enum": ("parameters", "{field} is not one of the options"),
    "pattern": ("format", "{field} does not have the right form"),
    "format": ("format", "{field} does not have the right form"),
    **{one.name: ("range", f"{{field}} {_BEYOND[one.of][one.bound]}") for one in KEYWORDS.values() if one.bound},
}
_RANKS = {keyword: rank for rank, keyword in enumerate(FAULTS)}
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_NAME = 60  # characters of a field's name that a message repeats


def parse_json(body: bytes) -> Any:
    """The JSON value in a body. Refused: anything but UTF-8, NaN and infinities, strings that UTF-8 cannot hold."""
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_refuse_constant)
        if _SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not valid JSON in UTF-8", hint="format") from None
    return value


class BodyCheck:
    """The request body of one operation: its schema, and whether it may be left out.

    The schema is compiled at the first body: a document may have many operations, and a test asks for one or two.
    """

    def __init__(self, schema: dict[str, Any], components: dict[str, Any], required: bool) -> None:
        self.required = required
        # `allOf` keeps the schema's own `$ref` and siblings as they are, below a root that holds what they point to.
        self._root = {"allOf": [schema], "components": components}
        self._validator: Draft202012Validator | None = None

    def compile(self) -> Draft202012Validator:
        """Compiles the schema, unless that is done. ValueError when it cannot be."""
        if self._validator is None:  # without a lock, which a child that is forked meanwhile would find locked
            self._validator = Draft202012Validator(self._root, offline=True)
        return self._validator

    def check(self, value: Any) -> None:
        """Raises Refused (400), naming one field, when the value breaks the schema."""
        validator = self.compile()  # outside: a schema that cannot be compiled is no fault of the body
        try:
            errors = list(validator.iter_errors(value))
        except ValueError:  # for one, nested too deeply for the validator
            raise Refused(400, "the body cannot be checked", hint="format") from None
        if errors:
            raise _describe(min(errors, key=_priority))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _priority(error: ValidationError) -> tuple[int, str]:
    return _RANKS.get(error.kind.name, len(_RANKS)), _field_of(error)


def _describe(error: ValidationError) -> Refused:
    # Only path and keyword: the validator's own messages repeat the value.
    keyword, name = error.kind.name, _field_of(error)
    hint, words = FAULTS.get(keyword, ("parameters", f"{{field}} breaks `{keyword}`"))
    quoted = name if keyword == "required" else f"parameter '{name}'" if name else "the body"
    return Refused(400, words.format(field=quoted), hint)


def _field_of(error: ValidationError) -> str:
    path: Sequence[str | int] = error.instance_path
    if isinstance(error.kind, ValidationErrorKind.Required):
        path = [*path, error.kind.property]
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
