# ruff: noqa: E501 - one fault to a line, like a table
"""Faults of the generated client in its functions: the checks of limits, and the plain functions for each operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.document import Document, Operation
from modellix_client import constraints, operations, schemas
from scripts.mutants.edits import edit, swap
from scripts.mutants.mutant import Candidate, Mutant

CHECKER: Any = constraints
"""The module of the checks, private names and all."""

BOUNDARIES = "contract_tests/client/test_boundaries.py"
PROPERTIES = "contract_tests/client/test_properties.py"
CONSTRAINTS = "tests/regenerate/test_constraints.py"
PLAIN = "tests/regenerate/test_operations.py"
FUNCTIONS = "contract_tests/client/test_functions.py"


def mutants(document: Document) -> Iterator[Mutant]:
    """The faults of both kinds."""
    yield from _checks()
    for operation in document.operations:
        yield from _functions(document, operation)


def mutant(
    name: str,
    sentence: str,
    apply: Callable[[], object],
    expects: Iterable[str],
    *,
    files: tuple[str, ...] = (BOUNDARIES, PROPERTIES),
    equivalent: str = "",
) -> Mutant:
    """A fault of the client. Those tests of the files are run that are expected to object."""
    expected = tuple(expects)

    def is_chosen(test: Candidate) -> bool:
        return any(one in test.id for one in expected)

    return Mutant(
        f"generated client, {name}",
        "generated client",
        sentence,
        apply,
        expected,
        files,
        (is_chosen,),
        equivalent=equivalent,
    )


def model_name(operation: Operation) -> str:
    """The request model of a submission."""
    known = operations.SUBMISSIONS.items()
    return next(model.__name__ for model, one in known if one.operation_id == operation.operation_id)


def _checks() -> Iterator[Mutant]:
    for name, sentence, where, exchange, expects in _CHECKS:
        files = tuple({one.partition("::")[0] for one in expects if "::" in one} or {BOUNDARIES})
        yield mutant(
            name, sentence, partial(_change, f"modellix_client.constraints:{where}", exchange), expects, files=files
        )


def _change(where: str, exchange: tuple[str, str]) -> None:
    """Changes a function of the checks; those that were made with it before are made anew."""
    edit(where, swap(*exchange))
    CHECKER._checks.clear()


_CHECKS: tuple[tuple[str, str, str, tuple[str, str], tuple[str, ...]], ...] = (
    ("nothing checked at construction", "A model takes whatever it is made of.", "check_model",
     ("_checked(shape.construction,", "(lambda *_: None)(shape.construction,"),
     (f"{CONSTRAINTS}::test_limit_holds_at_construction[",)),
    ("nothing checked on assignment", "A model takes whatever it is given.", "check_assignment",
     ("        if own:", "        if False:"), (f"{CONSTRAINTS}::test_limit_holds_on_assignment_and_the_old_value_stays[",)),
    ("nothing checked before sending", "What was broken in place is sent.", "_checked",
     ("    if found:", "    if found and schema.endswith('construction'):"),
     (f"{PLAIN}::test_body_that_was_broken_in_place_is_not_sent", f"{BOUNDARIES}::test_refused_by_the_client_with_nothing_sent[")),
    ("one violation alone", "An error names the first violation alone.", "_checked",
     ("raise ConstraintError(found)", "raise ConstraintError(found[:1])"),
     (f"{CONSTRAINTS}::test_all_violations_are_reported_at_once",)),
    ("lone surrogates taken", "Text that UTF-8 cannot hold is taken.", "_text",
     ("except UnicodeEncodeError as error:", ("except ZeroDivisionError as error:\n            raise error\n"
      "        except UnicodeEncodeError as error:\n            return value")),
     (f"{PROPERTIES}::test_text_that_utf8_cannot_hold_is_refused_by_the_models[",
      f"{CONSTRAINTS}::test_limit_holds_at_construction[lone surrogate]")),
    ("long values repeated", "An error repeats a long value.", "_excerpt",
     ("return _printable(value, 60)", "return value"), (f"{CONSTRAINTS}::test_long_values_are_not_repeated",)),
    ("extra fields lost", "Fields that the document does not know are not sent.", "_model_wire",
     ("if extra is not None:", "if False:"), (f"{CONSTRAINTS}::test_further_properties_are_sent_but_cannot_go_round_a_limit",)),
    ("extra fields win", "An extra field replaces the one of the same name.", "_model_wire",
     ("    return wire\n", "    return {**wire, **(extra or {})}\n"),
     (f"{CONSTRAINTS}::test_further_properties_are_sent_but_cannot_go_round_a_limit",)),
    ("elements looked at but the last", "The last element of a list is not looked at.", "_items",
     ("enumerate(value[first:], first)", "enumerate(value[first:-1], first)"), (" last of 3 is refused]",)),
    ("places counted from one", "An error names the element behind the broken one.", "_field",
     ('f"[{step}]"', 'f"[{step + 1}]"'), (f"{CONSTRAINTS}::test_image_that_is_no_https_url_is_named_by_its_place[",)),
)  # fmt: skip


def _functions(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The functions in `modellix_client.api`, which the client over it does not use."""
    where = f"modellix_client.api.{operation.node['tags'][0]}.{operation.operation_id}"
    method, error = operation.method.lower(), max(document.replies(operation))
    sent, read = f"sends_the_documented_request[{operation.name}]", f"reads_every_documented_reply[{operation.name} "
    changes = [
        ("another method", "_get_kwargs", (f'"method": "{method}"', '"method": "patch"'), sent),
        ("another address", "_get_kwargs", (f'"url": "{operation.path}"', f'"url": "{operation.path}/1"'), sent),
        (
            "an error not read",
            "_parse_response",
            (f"status_code == {error}:", "status_code == 600:"),
            f"{read}{error}]",
        ),
    ]
    if operation in document.submissions:
        check = f'check_json("{schemas.MODELS[model_name(operation)][0]}", body)'
        broken = f"sends_nothing_that_was_broken_in_place[{operation.name}]"
        changes.append(("body not checked", "_get_kwargs", (check, "body.to_dict()"), broken))
    for what, function, exchange, test in changes:
        name = f"{operation.name} as a plain function: {what}"
        sentence = f"The plain function of {operation.name} has {what}."
        apply = partial(edit, f"{where}:{function}", swap(*exchange))
        yield mutant(name, sentence, apply, [f"{FUNCTIONS}::test_function_{test}"], files=(FUNCTIONS,))
