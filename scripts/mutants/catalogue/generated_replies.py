"""Faults of the generated client in how replies are read and written: each model of a reply, each of its fields."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import partial

from modellix_client import models, schemas
from scripts.mutants.catalogue.generated_functions import mutant
from scripts.mutants.edits import Edit, edit, swap, without
from scripts.mutants.mutant import Mutant

REPLIES = "contract_tests/client/test_replies.py"
LOST = f"{REPLIES}::test_reply_is_read_and_nothing_of_it_lost["
READ = (LOST, f"{REPLIES}::test_documented_fields_are_attributes[")


def mutants() -> Iterator[Mutant]:
    """Every fault in every model that requests do not use."""
    for name in models.__all__:
        model = getattr(models, name)
        if name not in schemas.MODELS and hasattr(model, "from_dict"):
            where = f"{model.__module__}:{name}"
            yield from _of_model(name, where)
            for field in re.findall(r'd\.pop\("(\w+)"', inspect.getsource(model.from_dict)):
                yield from _of_field(name, where, field, inspect.getsource(model.to_dict))


def _mutant(name: str, sentence: str, where: str, change: Edit, expects: tuple[str, ...] = (LOST,)) -> Mutant:
    sort = f"model of a reply: {name.rpartition(': ')[2]}"
    return mutant(name, sentence, partial(edit, where, change), expects, sort=sort, files=(REPLIES,))


def _of_model(name: str, where: str) -> Iterator[Mutant]:
    yield _mutant(
        f"{name}: extra fields not kept",
        f"What {name} holds beyond the document is lost when it is read.",
        f"{where}.from_dict",
        without("additional_properties = d"),
    )
    yield _mutant(
        f"{name}: extra fields not written",
        f"What {name} holds beyond the document is lost when it is written.",
        f"{where}.to_dict",
        without("self.additional_properties"),
    )
    yield _mutant(
        f"{name}: what was read is changed",
        f"Reading {name} empties the reply.",
        f"{where}.from_dict",
        swap("dict(~)", "~"),
    )


def _of_field(name: str, where: str, field: str, writing: str) -> Iterator[Mutant]:
    yield _mutant(
        f"{name}.{field}: misread",
        f"{name} looks for {field} by another name.",
        f"{where}.from_dict",
        swap(f'.pop("{field}"', f'.pop("{field}_name"'),
        READ,
    )
    written = f'field_dict["{field}"]' if f'field_dict["{field}"]' in writing else f'"{field}": '
    yield _mutant(
        f"{name}.{field}: written wrongly",
        f"{name} writes {field} by another name.",
        f"{where}.to_dict",
        swap(written, written.replace(field, f"{field}_name")),
    )
    if field == "status":
        yield _mutant(
            f"{name}.{field}: a closed list",
            f"{name} takes documented states alone.",
            f"{where}.from_dict",
            swap(f'~.pop("{field}")', f'{{"pending": "pending"}}[~.pop("{field}")]'),
            (LOST,),
        )
