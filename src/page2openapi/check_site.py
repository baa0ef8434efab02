"""`check` without pages: compares each operation's page, from the site, with the contract, and keeps its digest."""

from __future__ import annotations

import datetime
import hashlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellix._openapi import Object, object_at
from page2openapi.drift import CONTRACT, Contract, Difference, compare_with_contract
from page2openapi.inputs import page_of
from page2openapi.outputs import as_json, as_yaml, replace_text
from page2openapi.page import Page, quoted
from page2openapi.report import DONE, DRIFTED, NOTHING_REACHED, UNREAD, USAGE, located, say
from page2openapi.site import Pauses, Reply, Unreachable, get_pages, markdown_url
from scripts.regenerate.refusal import printable
from scripts.regenerate.yaml_lines import NotYaml, parse_yaml

PAGES = CONTRACT.parent / "pages.yaml"

_ADVICE = "open it in a browser, save its text and run `nox -s docs -- check PAGE`"


@dataclass
class Visit:
    """What became of one page. `problems` are lines about what could not be got or read."""

    address: str
    reached: bool = False
    changed: bool = False  # since the digest that was kept
    digest: Digest | None = None
    page: Page | None = None  # what was read, if it is a page at all
    problems: list[str] = field(default_factory=list[str])
    differences: list[Difference] = field(default_factory=list[Difference])

    @property
    def state(self) -> str:
        """One word or two for the report."""
        if not self.reached:
            return "unreachable"
        if self.differences:
            return "drifted"
        if self.problems:
            return "not read whole"
        return "changed in words only" if self.changed else "unchanged"


def check_fetched(form: str) -> int:
    """Fetches and compares the pages of the contract; `form` is text or json. Returns the exit status."""
    return check_site(CONTRACT, PAGES, form, Pauses())


def check_site(document: Path, kept: Path, form: str, pauses: Pauses) -> int:
    """Compares the pages that a document names. Digests stand in the file `kept`, which is written when one changes."""
    try:
        contract, digests = Contract.load(document), read_digests(kept)
    except (OSError, NotYaml, BadDigests) as error:
        return _fail(str(error) if isinstance(error, BadDigests) else f"{document}: {error}", USAGE)
    visits = visit_pages(contract, pauses, digests)
    if reason := nothing_reached(visits):
        return _fail(reason if visits else f"{document}: {reason}", NOTHING_REACHED if visits else UNREAD)
    try:
        write_digests(kept, [visit.digest for visit in visits if visit.digest])
    except OSError as error:
        return _fail(f"{kept}: cannot be written: {error.strerror or error}", UNREAD)
    return _report(visits, str(document), form)


def visit_pages(contract: Contract, pauses: Pauses, digests: dict[str, Digest] | None = None) -> list[Visit]:
    """Fetches each page that the contract names, and compares it."""
    addresses = _addresses(contract)
    replies = get_pages(addresses, pauses)
    return [_visit(*pair, contract, digests or {}) for pair in zip(addresses, replies, strict=True)]


def nothing_reached(visits: Sequence[Visit]) -> str | None:
    """Why not one page was reached; None when one was."""
    if not visits:
        return "no operation has externalDocs, so there is no page to fetch"
    if any(visit.reached for visit in visits):
        return None
    others = f", nor any of the {len(visits) - 1} other pages" if len(visits) > 1 else ""
    return f"{visits[0].address} cannot be reached{others}: {visits[0].problems[0]}"


def _addresses(contract: Contract) -> list[str]:
    """Each page once. An operation without one is said: nobody looks at it."""
    found: dict[str, None] = {}
    for operation in contract.operations:
        url = object_at(operation.node, "externalDocs").get("url")
        if isinstance(url, str):
            found[url] = None
        else:
            say(f"{contract.source}: {operation.name} has no externalDocs, so its page is not checked")
    return list(found)


def _visit(address: str, reply: Reply | Unreachable, contract: Contract, digests: dict[str, Digest]) -> Visit:
    before = digests.get(address)
    if isinstance(reply, Unreachable):
        return Visit(address, digest=before, problems=[reply.reason])
    page = page_of(reply.content, markdown_url(address))
    visit = Visit(address, reached=True, digest=before)
    visit.problems = [f"{located(page.source, line)}: {text}" for line, text in page.problems]
    if reply.content_type == "text/html" or not page.document["paths"]:
        visit.problems = [*visit.problems[:1], f"not Markdown of a page ({_kind(reply)}); {_ADVICE}"]
        return visit
    visit.page = page
    visit.digest = _digest(address, reply.content, before)
    visit.changed = before is not None and visit.digest is not before
    visit.differences = compare_with_contract(page, contract)
    return visit


def _digest(address: str, content: bytes, before: Digest | None) -> Digest:
    """The one that was kept, with its date, if the content is still the same."""
    sha256 = digest_of(content)
    if before is not None and before.sha256 == sha256:
        return before
    return Digest(address, f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}", sha256)


def _kind(reply: Reply) -> str:
    return quoted(reply.content_type) if reply.content_type else "of no stated type"


def _report(visits: Sequence[Visit], source: str, form: str) -> int:
    if form == "json":
        found: list[Object] = [one.as_json() | {"page": visit.address} for visit in visits for one in visit.differences]
        sys.stdout.write(as_json(found))
    for visit in visits:
        lines = [f"{visit.address}: {visit.state}"]
        lines += [one.as_text(source, markdown_url(visit.address)) for one in visit.differences]
        for line in lines if form == "text" else ():
            print(printable(line))
        for problem in visit.problems:
            say(problem if problem.startswith(visit.address) else f"{visit.address}: {problem}")
    if any(visit.problems for visit in visits):
        return UNREAD
    return DRIFTED if any(visit.differences for visit in visits) else DONE


def _fail(text: str, status: int) -> int:
    say(text)
    return status


# `openapi/pages.yaml`: what was last got from the site, as digests. It holds no text of any page.

_HEAD = """\
# The pages as they were when `python -m scripts.docs check` last found them changed; written by that command.
# `sha256` is the digest of the page's Markdown, `date` the day on which that digest was first seen, in UTC.
"""


class BadDigests(Exception):
    """Why the file of digests cannot be used."""


@dataclass(frozen=True)
class Digest:
    """A page's content at a date. `date` is YYYY-MM-DD."""

    url: str
    date: str
    sha256: str


def digest_of(content: bytes) -> str:
    """The digest as the file has it."""
    return hashlib.sha256(content).hexdigest()


def read_digests(path: Path) -> dict[str, Digest]:
    """The kept digests by URL; none when there is no file. Raises BadDigests."""
    try:
        rows: Any = parse_yaml(path.read_text("utf-8")).value or []
    except FileNotFoundError:
        return {}
    except (OSError, NotYaml, ValueError) as error:
        raise BadDigests(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    try:
        return {row["url"]: Digest(**row) for row in rows}
    except (TypeError, KeyError):
        raise BadDigests(f"{path}: not a list of url, date and sha256; delete the file to begin anew") from None


def write_digests(path: Path, digests: Iterable[Digest]) -> None:
    """Writes the file, unless it says the same already. Raises OSError."""
    text = _HEAD + as_yaml([{"url": one.url, "date": one.date, "sha256": one.sha256} for one in digests])
    if not path.exists() or path.read_text("utf-8") != text:
        replace_text(path, text)
