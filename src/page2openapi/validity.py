"""The last look at a document: what openapi-spec-validator does not accept is left out, and said."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from page2openapi.data import Object, is_array, is_object
from page2openapi.page import empty_document

_MOST_REMOVALS = 50


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
