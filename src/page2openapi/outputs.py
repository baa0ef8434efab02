"""Documents on their way out: made valid, as JSON or YAML that every reader gets back as it went in, and onto disk."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from modellix._openapi import Object, is_array, is_object
from page2openapi.page import empty_document

_PLAIN = re.compile(r"\$ref|(?:[A-Za-z_][A-Za-z0-9_]*|[1-9][0-9]*x[0-9]+)(?:[ ./-][A-Za-z0-9_]+)*")
_NOT_PLAIN = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"])
_LONGEST_PLAIN = 100
_MOST_REMOVALS = 50
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def as_json(document: Any) -> str:
    """JSON, indented, with a line end."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_yaml(document: Any) -> str:
    """YAML in blocks, with a line end."""
    return "\n".join(_lines(document, "")) + "\n"


def is_plain(text: str) -> bool:
    """Whether every version of YAML takes a text for text without quotes."""
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _NOT_PLAIN


def _lines(value: Any, indent: str) -> Iterator[str]:
    if is_object(value) and value:
        for key, inner in value.items():
            yield from _entry(f"{indent}{_text(str(key))}:", inner, indent + "  ")
    elif is_array(value) and value:
        for inner in value:
            yield from _item(inner, indent)
    else:
        yield indent + _scalar(value)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    if (is_object(value) or is_array(value)) and value:
        yield start
        yield from _lines(value, indent)
    else:
        yield f"{start} {_scalar(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    """An item of a list: its first line follows the dash."""
    first, *others = list(_lines(value, indent + "  "))
    yield f"{indent}- {first[len(indent) + 2 :]}"
    yield from others


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and math.isfinite(value):
        return _float(value)
    return json.dumps(value, allow_nan=False)


def _text(value: str) -> str:
    if len(value) <= _LONGEST_PLAIN and is_plain(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)


def _float(value: float) -> str:
    """With a point and a signed exponent, as YAML 1.1 wants them."""
    mantissa, exponent, power = repr(value).partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return mantissa + (f"{exponent}{power if power[0] in '+-' else '+' + power}" if exponent else "")


# What openapi-spec-validator does not accept is left out, and said.


def made_valid(document: Object) -> tuple[Object, list[str]]:
    """The document without the parts that are not valid OpenAPI, and what those were."""
    document, removed = copy.deepcopy(document), list[str]()
    for _ in range(_MOST_REMOVALS):
        error = _first_error(document)
        if error is None:
            return document, removed
        place, reason = error
        removed.append(f"not valid OpenAPI at {'/'.join(map(str, place)) or 'the top'}: {reason}")
        if not _remove(document, place):
            break
    return empty_document(), removed


def _first_error(document: Object) -> tuple[list[str | int], str] | None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # Half a second that most calls do not need.

    try:
        errors: Any = OpenAPIV31SpecValidator(document).iter_errors()
        for error in errors:
            while error.context:
                error = max(error.context, key=lambda one: len(one.absolute_path))
            return list(error.absolute_path), str(error.message).splitlines()[0][:200]
    except Exception as error:  # Documents may break the validator itself.
        return [], f"{type(error).__name__}: {error}"[:200]
    return None


def _remove(document: Object, place: Sequence[str | int]) -> bool:
    """Takes away what stands at a place. False when that is the document itself, one of its pillars, or nowhere."""
    owner: Any = document
    for step in place[:-1]:
        owner = _inside(owner, step)
    if len(place) < 2 or _inside(owner, place[-1]) is None or place[-1] == "responses":
        return False
    del owner[place[-1]]
    return True


def _inside(owner: Any, step: str | int) -> Any:
    if is_object(owner):
        return owner.get(str(step))
    return owner[step] if is_array(owner) and isinstance(step, int) and step < len(owner) else None


# A file is replaced in one step: whoever reads it, or kills us, finds the old text or the new one, whole.


def replace_text(path: Path, text: str) -> None:
    """Writes UTF-8, line ends as they are. The file keeps its mode, and a symlink to it stays one. Raises OSError."""
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            if hasattr(os, "fchmod"):  # Windows has it since Python 3.13
                os.fchmod(file.fileno(), _mode(path))
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _mode(path: Path) -> int:
    """Of the file that is there, or what the umask leaves of a new one."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
