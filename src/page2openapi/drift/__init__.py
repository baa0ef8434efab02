"""What changed between two descriptions of an operation, and how much that matters to a client that sends requests."""

from __future__ import annotations

from dataclasses import replace

from page2openapi.drift.difference import Difference, Severity, Verdict, worst_first
from page2openapi.drift.document import CONTRACT, Contract, StatedOperation, operation_like, operation_on
from page2openapi.drift.operations import compare
from page2openapi.page import Page

__all__ = [
    "CONTRACT",
    "Contract",
    "Difference",
    "Severity",
    "StatedOperation",
    "compare",
    "compare_any",
    "compare_documents",
    "compare_with_contract",
    "operation_on",
]

_NEW = Verdict("non-breaking", "a new operation")
_UNKNOWN = Verdict("non-breaking", "the contract has no operation with this address, or with this provider and model")
_GONE = Verdict("breaking", "the operation is gone")


def compare_any(old: Page | Contract, new: Page | Contract) -> list[Difference]:
    """What changed from one to the other, each a page or a document, worst first.

    Of a document with several operations, that one counts which a page is about. When the page does not even show
    its address, nothing is known to differ; that is among the page's problems.
    """
    if isinstance(old, Contract) and isinstance(new, Contract):
        return compare_documents(old, new)
    was, now = _operation_beside(old, new), _operation_beside(new, old)
    if was is not None and now is not None:
        return compare(was, now)
    if not any(one.urls for one in (was, now) if one is not None):
        return []
    return [replace(_only(was, now, _NEW if was is None else _GONE), operation="")]


def _operation_beside(one: Page | Contract, other: Page | Contract) -> StatedOperation | None:
    if isinstance(one, Page):
        return operation_on(one)
    if len(one.operations) == 1:
        return one.operations[0]
    return one.operation_of(other) if isinstance(other, Page) else None


def compare_documents(old: Contract, new: Contract) -> list[Difference]:
    """What changed from one OpenAPI document to another, worst first."""
    if len(old.operations) == len(new.operations) == 1:
        return compare(old.operations[0], new.operations[0])
    found, left = list[Difference](), list(new.operations)
    for operation in old.operations:
        same = operation_like(operation, left)
        if same is None:
            found.append(_only(operation, None, _GONE))
            continue
        left.remove(same)
        found += [replace(one, operation=operation.name) for one in compare(operation, same)]
    return worst_first([*found, *(_only(None, operation, _NEW) for operation in left)])


def compare_with_contract(page: Page, contract: Contract) -> list[Difference]:
    """Where a page departs from the contract, worst first. `old` is the contract's side, `new` the page's.

    A page of an operation that the contract does not have is one difference. When the page does not even show its
    address, nothing is known to differ; that is among the page's problems.
    """
    wanted = operation_on(page)
    known = contract.operation_of(page)
    if known is not None:
        return compare(known, wanted)
    return [replace(_only(None, wanted, _UNKNOWN), operation="")] if wanted.urls else []


def _only(old: StatedOperation | None, new: StatedOperation | None, verdict: Verdict) -> Difference:
    """An operation that only one side has."""
    was, now = (one.urls[0] if one else None for one in (old, new))
    old_line, new_line = (one.line_of("url") if one else None for one in (old, new))
    name = old.name if old else new.name if new else ""
    return Difference("url", "url", was, now, verdict.severity, verdict.why, new_line, old_line, name)
