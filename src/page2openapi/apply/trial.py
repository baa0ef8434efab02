"""Whether a client can be generated from a document that is about to be written, and what prevents it."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellix._openapi import component_of, component_schemas, operations, reachable, request_schemas, steps_of
from page2openapi.apply.yaml_edit import plain
from scripts.regenerate.checks import check
from scripts.regenerate.generation import generate, refusals
from scripts.regenerate.reading import read_document
from scripts.regenerate.refusal import Refusal, one_line

_WORD = re.compile(r"/[^\s:,'\"()]+|[A-Za-z0-9_.-]+")


@dataclass
class Verdict:
    """`refused` leads from the path of an operation to what is wrong with it; `reason` is for what names no path."""

    refused: dict[str, Refusal] = field(default_factory=dict[str, Refusal])
    reason: str | None = None


def judge(text: str, root: Any, name: str, paths: Iterable[str]) -> Verdict:
    """What prevents a client of a text, which should say what `root` says. `paths` are the operations in question.

    The document is validated with openapi-spec-validator on the way.
    """
    verdict = Verdict()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Libraries have views on patterns and fields; the checks are ours.
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8", newline="")
        try:
            _judge(path, root, paths, verdict)
        except Refusal as refusal:
            verdict.reason = one_line(f"{refusal.place or 'document'}: {refusal.reason}")
        except (Exception, RecursionError) as error:  # A page may break the tools in ways that nobody thought of.
            verdict.reason = one_line(f"{type(error).__name__}: {error}")
    return verdict


def _judge(path: Path, root: Any, paths: Iterable[str], verdict: Verdict) -> None:
    document = read_document(path)
    if document != plain(root):
        raise Refusal("", "what would be written would not be read back the same")
    suspects = _Suspects(document, paths, verdict.refused)
    check(document, suspects.take_out)
    if verdict.refused:
        suspects.take_out(refusals(document))
        return
    try:
        generate(document, path.name, path.parent / "modellix_client")
    except Refusal as refusal:
        if not suspects.take_out(refusals(document)):
            suspects.take_out(iter([refusal]))


class _Suspects:
    """Finds the operation that is to blame for a refusal, and takes it out, so that the others can be looked at."""

    def __init__(self, document: Any, paths: Iterable[str], refused: dict[str, Refusal]) -> None:
        self._document, self._refused = document, refused
        self._paths = set(paths)
        self._schemas: dict[str, str] | None = None  # those that one operation alone uses, and its path

    def take_out(self, found: Iterator[Refusal]) -> bool:
        """Returns whether any was. Raises the Refusal that no operation is to blame for."""
        blamed = dict[str, Refusal]()
        for refusal in found:
            path = self._to_blame(refusal)
            if path not in self._paths:
                raise refusal
            blamed.setdefault(path, refusal)
        for path in blamed:
            self._remove(path)
        self._refused |= blamed
        return bool(blamed)

    def _to_blame(self, refusal: Refusal) -> str:
        """By its place in the document; else by the one path or schema that its words name."""
        if self._schemas is None:
            self._schemas = _own_schemas(self._document)
        kind, *names = steps_of(refusal.place) if refusal.place.startswith("#/") else [""]
        if kind == "paths":
            return names[0]
        if kind == "components":
            return self._schemas.get(names[-1] if len(names) == 1 else names[1], "")
        words = set(_WORD.findall(f"{refusal.place} {refusal.reason}"))
        named = {path for path in self._paths if path in words}
        named |= {path for name, path in self._schemas.items() if any(word.startswith(name) for word in words)}
        return named.pop() if len(named) == 1 else ""

    def _remove(self, path: str) -> None:
        self._paths.discard(path)
        del self._document["paths"][path]
        for name in [name for name, owner in (self._schemas or {}).items() if owner == path]:
            component_schemas(self._document).pop(name, None)
            assert self._schemas is not None
            del self._schemas[name]


def _own_schemas(document: Any) -> dict[str, str]:
    """The schemas that the requests of one path alone lead to, with that path."""
    users: dict[str, set[str]] = {}
    for operation in operations(document):
        for ref in reachable(document, (schema for _, schema in request_schemas(document, operation))):
            users.setdefault(component_of(ref), set()).add(operation.path)
    return {name: next(iter(paths)) for name, paths in users.items() if len(paths) == 1}
