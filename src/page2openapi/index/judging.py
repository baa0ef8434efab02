"""What became of each page of an index, as the contract sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from modellix._openapi import object_at
from page2openapi.drift import Contract, Difference, StatedOperation, compare_with_contract, operation_on
from page2openapi.drift.document import model_at
from page2openapi.index.addresses import address_of
from page2openapi.index.fetching import Catalogue, Got
from page2openapi.index.progress import Progress
from page2openapi.inputs import page_of
from page2openapi.page import Page
from page2openapi.report import located
from page2openapi.site import path_of, read_url

UNCHANGED, DRIFTED_PAGE, NEW, GONE = "unchanged", "drifted", "new", "gone"
UNREADABLE, NO_MODEL, COPY = "unreadable", "not a model's page", "a page of the same model again"

_HEADER = re.compile(rb"^(?:POST|#{1,6} +OpenAPI)[ \t\r]*$", re.MULTILINE)  # of a page about one operation
_ASYNC = re.compile(rb"/\s*async\b")
_TASK = re.compile(rb"\btask_id\b")


@dataclass
class Finding:
    """A page, or an operation whose page is gone. `name` is provider/model where the page says it."""

    address: str
    state: str
    name: str = ""
    page: Page | None = None
    problems: list[str] = field(default_factory=list[str])
    differences: list[Difference] = field(default_factory=list[Difference])

    @property
    def page_key(self) -> str:
        """The address of the API that a model's page names, for pages without an address of their own."""
        urls = operation_on(self.page).urls if self.page is not None and self.state != NO_MODEL else []
        return urls[0] if urls else ""


def judge(catalogue: Catalogue, contract: Contract) -> list[Finding]:
    """The pages in the order of the index, then the operations that no page is about."""
    progress = Progress("reading", len(catalogue.pages))
    judge = _Judge(contract)
    found = list[Finding]()
    for page in catalogue.pages:
        found.append(judge.page(page))
        progress.step()
    all_read = len(found) == len(catalogue.listing.pages) and all(one.state != UNREADABLE for one in found)
    return [*found, *judge.gone(list(catalogue.listing.pages)), *(judge.gone_without_address() if all_read else ())]


class _Judge:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._seen = set[int]()  # operations of the contract that a page is about
        self._new = set[str]()  # addresses of the API's that pages of new models name
        self._by_address = {url: one for one in contract.operations if (url := _stated(one))}

    def page(self, got: Got) -> Finding:
        known = self._by_address.get(got.address)
        if got.kept is None:
            return self._missing(got, known)
        page = page_of(got.kept.content, f"{got.address}.md")
        operation, known = operation_on(page), self._contract.operation_of(page)
        finding = Finding(got.address, UNREADABLE, name_of(operation), page)
        if not got.kept.content.strip():
            finding.problems = [f"{got.address}: the page is empty"]
        elif got.kept.content_type == "text/html" and not operation.method:
            finding.problems = [f"{got.address}: HTML, not the Markdown of a page"]
        elif known is None and not _is_model(operation, got.kept.content):
            finding.state = NO_MODEL
        elif page.problems:
            self._see(known)
            finding.problems = [f"{located(got.address, line)}: {text}" for line, text in page.problems]
        else:
            self._compare(finding, operation, known)
        return finding

    def _missing(self, got: Got, known: StatedOperation | None) -> Finding:
        assert got.reason is not None
        self._see(known)
        if known is not None and got.reason.status in (404, 410):
            return Finding(got.address, GONE, name_of(known))
        return Finding(got.address, UNREADABLE, problems=[f"{got.address}: {got.reason.reason}"])

    def _compare(self, finding: Finding, operation: StatedOperation, known: StatedOperation | None) -> None:
        assert finding.page is not None
        key = str(id(known)) if known is not None else next(iter(operation.urls), finding.address)
        if key in self._new:
            finding.state = COPY
            return
        self._new.add(key)
        if known is None:
            finding.state = NEW
            return
        self._see(known)
        finding.differences = compare_with_contract(finding.page, self._contract)
        finding.state = DRIFTED_PAGE if finding.differences else UNCHANGED

    def _see(self, known: StatedOperation | None) -> None:
        if known is not None:
            self._seen.add(id(known))

    def gone(self, listed: list[str]) -> Iterator[Finding]:
        """Submissions that no page is about. A page that could not be read may be about the one with its path."""
        paths = {path_of(address) for address in listed}
        for address, operation in self._by_address.items():
            known = id(operation) in self._seen or path_of(address) in paths
            if operation.method == "post" and not known:
                yield Finding(address, GONE, name_of(operation))

    def gone_without_address(self) -> Iterator[Finding]:
        """Submissions whose document names no page: it may be any that was not read, so all must have been."""
        for operation in self._contract.operations:
            is_known = bool(_stated(operation)) or id(operation) in self._seen
            if operation.method == "post" and name_of(operation) and not is_known:
                yield Finding(operation.urls[0], GONE, name_of(operation))


def name_of(operation: StatedOperation) -> str:
    """Provider and model as patterns name them; empty where the address does not tell them."""
    found = model_at(path_of(operation.urls[0])) if operation.urls else None
    return f"{found.provider}/{found.model}" if found else ""


def _stated(operation: StatedOperation) -> str:
    url = read_url(object_at(operation.node, "externalDocs").get("url"))
    return address_of(url) if url else ""


def _is_model(operation: StatedOperation, content: bytes) -> bool:
    """Whether a page is about a submission; of one that was read in part, whether it looks like such a page."""
    if operation.method is None:
        return _HEADER.search(content) is not None and _ASYNC.search(content) is not None
    if operation.method != "post":
        return False
    is_task = any(url.rstrip("/").endswith("/async") for url in operation.urls) or _answers_with_task(
        operation, content
    )
    return is_task and (bool(operation.body) or _HEADER.search(content) is not None)


def _answers_with_task(operation: StatedOperation, content: bytes) -> bool:
    """Whether a page speaks of the id of a task, as a schema or sample of its reply has it: nothing sent holds one."""
    schemas = [
        operation.follow(object_at(media).get("schema")) for media in object_at(operation.body, "content").values()
    ]
    is_sent = any("task_id" in object_at(schema, "properties") for schema in schemas)
    is_named = any("{" in url for url in operation.urls)
    return _TASK.search(content) is not None and not is_sent and not is_named
