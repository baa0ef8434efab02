"""Faults of the generated client in requests: limits, fields and addresses. All derived from the document."""

from __future__ import annotations

import copy
import importlib
import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.cases import all_cases
from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.promises import limits_of, suffix_of
from modellix_client import schemas
from modellix_client.submissions import SUBMISSIONS, request_model
from scripts.mutants.catalogue import generated_functions, generated_replies, near_misses
from scripts.mutants.catalogue.generated_functions import CHECKER, WIRE, model_name, mutant
from scripts.mutants.catalogue.limits import LimitFault, faults, opened, step_at, steps_of
from scripts.mutants.changes import wrap
from scripts.mutants.edits import NotApplied, edit, swap
from scripts.mutants.mutant import Mutant

NO_OBJECT = "A request model is an object always, and `check_source` refuses by itself what is none."


def mutants() -> Iterator[Mutant]:
    """All faults."""
    document = contract()
    for operation in document.submissions:
        yield from _limits(document, operation)
        yield from _fields(document, operation)
        yield from _addresses(operation)
    yield from _countings(document)
    yield from generated_functions.mutants(document)
    yield from generated_replies.mutants()


def _about(operation: Operation, suffix: str) -> list[str]:
    """The tests of the cases about one limit."""
    return [f"[{case.sentence}]" for case in all_cases() if case.operation is operation and suffix_of(case) == suffix]


# Limits.


def _limits(document: Document, operation: Operation) -> Iterator[Mutant]:
    for place, keyword, limit in limits_of(document, document.body_schema(operation)):
        suffix = f"{place or 'body'}.{keyword}"
        is_idle = not place and keyword == "type"
        expects = [f"[{operation.name} ", f"[{operation.name}]"] if is_idle else _about(operation, suffix)
        step = step_at(document, document.body_schema(operation), place)
        field = "".join(steps_of(place)[:1])
        for fault in faults(place, keyword, limit, step):
            apply = partial(_restate, operation, fault)
            name = f"{operation.name}.{suffix}: {fault.what}"
            sort, why = f"{keyword}: {fault.side or fault.what}", NO_OBJECT if is_idle else ""
            about = partial(mutant, name, fault.sentence, apply, expects, sort=sort, operation=operation)
            yield about(field=field, equivalent=why)


def _restate(operation: Operation, fault: LimitFault) -> None:
    """Has the checks of one request model read another schema."""
    name = schemas.MODELS[model_name(operation)][0]
    node = opened(schemas.SCHEMAS, name, fault.place, _resolved)
    before = copy.deepcopy(node)
    fault.change(node)
    if node == before:
        raise NotApplied(f"{operation.name} {fault.place}: the schema stays as it was")
    CHECKER._checks.clear()


def _resolved(schema: Any) -> Any:
    return schemas.SCHEMAS[schema["$ref"]] if "$ref" in schema else schema


def _countings(document: Document) -> Iterator[Mutant]:
    """Other ways of counting, for all fields alike."""
    cases = [case for case in all_cases() if case.is_about_counting]
    few = list(dict.fromkeys(case.operation for case in cases))[:4]  # one way of counting serves all models
    expects = [f"[{case.sentence}]" for case in cases if case.operation in few]
    for what, sentence, measure in near_misses.MEASURES:
        name, apply = f"counting: {what}", partial(_count, measure)
        yield mutant(name, sentence.format(name="a text"), apply, expects, sort=name)


def _count(measure: Callable[[str], int]) -> None:
    for keyword, breaks in (("minLength", operator.lt), ("maxLength", operator.gt)):
        if keyword not in CHECKER._KEYWORDS:
            raise NotApplied(keyword)
        CHECKER._KEYWORDS[keyword] = CHECKER._bound(keyword, (str,), measure, breaks)
    CHECKER._checks.clear()


# Fields and options.


def _fields(document: Document, operation: Operation) -> Iterator[Mutant]:
    schema = document.schema(document.body_schema(operation))
    for field, node in schema["properties"].items():
        name, valid = f"{operation.name}.{field}", _valid(operation, field)
        renamed = partial(_rename, operation, field)
        about = partial(_of_field, operation, name)
        yield about("renamed", f"{field} is sent by another name.", renamed, valid)
        left_out = partial(_sent, operation, field, _left_out)
        yield about("not sent", f"{field} is not sent.", left_out, valid)
        if field not in schema["required"]:
            without = [f"test_sent_through_the_client[{operation.name} without {field} is accepted]"]
            default = document.schema(node).get("default")
            for what, value in (("default sent", default), ("null sent", None)):
                sentence = f"Where {field} is left out {value} is sent."
                apply = partial(_sent, operation, field, partial(_added, value))
                yield about(what, sentence, apply, without)
        yield from _of_method(operation, field, schema)


def _of_field(
    operation: Operation, name: str, what: str, sentence: str, apply: Callable[[], object], expects: list[str]
) -> Mutant:
    return mutant(f"{name}: {what}", sentence, apply, expects, sort=f"field: {what}", operation=operation)


def _valid(operation: Operation, field: str) -> list[str]:
    return [
        f"[{case.sentence}]"
        for case in all_cases()
        if case.operation is operation and case.is_valid and case.field.startswith(field) and field in case.body
    ]


def _rename(operation: Operation, field: str) -> None:
    names = schemas.MODELS[model_name(operation)][2]
    if field not in names:
        raise NotApplied(field)
    names[field] = f"{field}_name"
    WIRE._shapes.clear()


def _sent(operation: Operation, field: str, change: Callable[[str, dict[str, Any]], object]) -> None:
    """Changes the wire form of a request model, when all checks are done."""

    def make(check: Callable[[object], dict[str, Any]]) -> Callable[[object], dict[str, Any]]:
        def checked(model: object) -> dict[str, Any]:
            wire = check(model)
            if type(model).__name__ == model_name(operation):
                change(field, wire)
            return wire

        return checked

    wrap("modellix_client.constraints:check_body", make)


def _left_out(field: str, wire: dict[str, Any]) -> None:
    wire.pop(field, None)


def _added(value: Any, field: str, wire: dict[str, Any]) -> None:
    wire.setdefault(field, value)


def _of_method(operation: Operation, field: str, schema: Node) -> Iterator[Mutant]:
    """The method of the namespace hands a field on wrongly."""
    expects = [f"test_method_sends_what_it_was_given[{operation.name} planned"]
    name, line = f"{operation.name}.{field} of the method", f"{field}={field},"
    for other in [one for one in schema["properties"] if one != field][-1:]:
        apply = partial(_edit_method, operation, (line, f"{field}={other},"))
        yield _of_field(operation, name, "exchanged", f"{other} is sent as {field}.", apply, expects)
    if field not in schema["required"]:
        apply = partial(_edit_method, operation, (line, f"{field}=UNSET,"))
        yield _of_field(operation, name, "dropped", f"{field} is not handed on.", apply, expects)


def method_class(operation: Operation) -> str:
    """Where the class of a submission's method is."""
    known = SUBMISSIONS[operation.operation_id]
    where = f"modellix_client.namespaces.{known.namespace}.{known.method}"
    [name] = [name for name in vars(importlib.import_module(where)) if name.startswith("Submit")]
    return f"{where}:{name}"


def _edit_method(operation: Operation, exchange: tuple[str, str]) -> None:
    edit(f"{method_class(operation)}.__call__", swap(*exchange))


# Addresses.


def _addresses(operation: Operation) -> Iterator[Mutant]:
    sent = [f"test_sent_through_the_client[{operation.name} "]
    others = [one.path for one in contract().submissions if one is not operation]
    for what, changes in (
        ("without async", {"path": operation.path.removesuffix("/async")}),
        ("another path", {"path": operation.path + "/1"}),
        ("by PUT", {"method": "PUT"}),
        *[("the other operation", {"path": path}) for path in others[:1]],
    ):
        sentence = f"A submission of {operation.name} goes elsewhere: {what}."
        apply = partial(_readdress, operation, changes)
        sort = f"address: {what}"
        yield mutant(f"{operation.name}: {what}", sentence, apply, sent, sort=sort, operation=operation)


def _readdress(operation: Operation, changes: dict[str, str]) -> None:
    model = request_model(operation.operation_id)
    changed = model.OPERATION._replace(**changes)
    if changed == model.OPERATION:
        raise NotApplied(f"{operation.name} stays where it was")
    model.OPERATION = changed
