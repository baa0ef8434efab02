"""Texts that moderation or a firewall may stop: a task that fails on one of them breaks no promise.

Those marked in `contents.py` are such, those without a word, and whatever else was not written here: nobody knows what
a drawn text says.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from contract_tests.model.body_expectations import takes_any_text
from contract_tests.model.cases import cases_of
from contract_tests.model.contents import MAY_BE_STOPPED
from contract_tests.model.document import Document, Operation
from contract_tests.model.planned import whole_plan
from contract_tests.model.samples import base_body, strings_in


def may_be_stopped(document: Document, operation: Operation, content: bytes) -> bool:
    """Whether a body holds such a text. Addresses of pictures do not count."""
    try:
        texts = strings_in(json.loads(content))
    except ValueError:
        return False
    known = _known_texts(document, operation)
    return any(text not in known and not text.startswith("https://") for text in texts)


def _says_something(text: str) -> bool:
    """Whether there are words to draw: blanks, digits and signs alone may be taken for no prompt."""
    return any(map(str.isalpha, text))


def worded_plainly(document: Document, operation: Operation, body: Any) -> Any:
    """A valid body with the same options and the words of the plainest one; None where nothing is changed by that."""
    base = base_body(document, operation)
    words = {name for name, schema in document.fields(operation).items() if takes_any_text(schema)}
    plain = {name: base.get(name, value) if name in words else value for name, value in body.items()}
    is_good = document.validator(document.body_schema(operation)).is_valid(plain)
    return plain if is_good and plain != body else None


@lru_cache(maxsize=8)
def _known_texts(document: Document, operation: Operation) -> frozenset[str]:
    """The harmless texts in the bodies that were written or derived here, and the options."""
    bodies = [base_body(document, operation)]
    bodies += [planned.body for planned in whole_plan() if planned.operation is operation]
    bodies += [case.body for case in cases_of(operation) if case.is_valid]
    words = filter(_says_something, set(strings_in(bodies)).difference(MAY_BE_STOPPED))
    return frozenset([*words, *strings_in(document.fields(operation))])
