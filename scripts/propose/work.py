"""What a proposal changes in a checkout: the document, the client and a line in the changelog."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from page2openapi.apply.running import apply_pages
from page2openapi.drift import Contract, Difference, compare_documents
from page2openapi.page import Page
from page2openapi.report import USAGE
from scripts.propose.refusal import Refused
from scripts.regenerate import command as regenerate
from scripts.release.changelog import newest_release, sections

DOCUMENT = Path("openapi", "modellix.yaml")
CHANGELOG = "CHANGELOG.md"

_WIDTH = 128  # characters of a line in the changelog
_MOST_CHANGES = 6  # in the line; the client's own text has them all
_HEADING = re.compile(r"^## .*$", re.MULTILINE)
_NEW_SECTION = "## Unreleased"


@dataclass(frozen=True)
class Work:
    """What became of it. `written` is what the new document says that the old one did not, worst first."""

    written: list[Difference]
    surface: list[str]  # what changed for the users of the client, as `regenerate` says it
    left: list[str]  # what no command could write, and why


def carry_out(project: Path, pages: Sequence[Page]) -> Work:
    """Writes what the pages say into the project in this folder. Raises Refused when that makes no sense."""
    document = project / DOCUMENT
    before, old_text = Contract.load(document), document.read_bytes()
    status, _, said = _heard(lambda: apply_pages(pages, document))
    left = [line.replace(str(project / DOCUMENT), DOCUMENT.as_posix()) for line in said if ": warning: " not in line]
    if status == USAGE:
        raise Refused("; ".join(left))
    if document.read_bytes() == old_text:
        return Work([], [], left)
    surface = _regenerate(project)
    (project / CHANGELOG).write_bytes(with_line(_changelog(project), summary(surface)).encode("utf-8"))
    return Work(compare_documents(before, Contract.load(document)), surface, left)


def released(project: Path) -> str | None:
    """The newest version that users of this project have."""
    return newest_release(sections(_changelog(project)))


def _changelog(project: Path) -> str:
    path = project / CHANGELOG
    return path.read_bytes().decode("utf-8") if path.exists() else "# Changelog\n"


def _regenerate(project: Path) -> list[str]:
    command = ["--document", str(project / DOCUMENT), "--output", str(project / "generated")]
    status, changes, said = _heard(lambda: regenerate.main(command))
    if status:
        raise Refused("; ".join(said))
    return changes


def _heard(step: Callable[[], int]) -> tuple[int, list[str], list[str]]:
    """What a step returns, and the lines that it prints and says."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = step()
    return status, out.getvalue().splitlines(), err.getvalue().splitlines()


def summary(surface: Sequence[str]) -> str:
    """A sentence for the changelog."""
    more = f"; and {len(surface) - _MOST_CHANGES} more changes" if len(surface) > _MOST_CHANGES else ""
    return f"The client follows the vendor's pages: {'; '.join(surface[:_MOST_CHANGES])}{more}."


def with_line(changelog: str, sentence: str) -> str:
    """The changelog with a sentence at the end of its unreleased section, which is begun where there is none."""
    line = textwrap.fill(
        f"- {sentence}", _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    end = "\r\n" if "\r\n" in changelog else "\n"
    line = line.replace("\n", end)
    headings = list(_HEADING.finditer(changelog))
    if not headings or "unreleased" not in headings[0].group().lower():
        place = headings[0].start() if headings else len(changelog)
        above, below = changelog[:place].rstrip("\r\n"), changelog[place:]
        return f"{above}{end * 2}{_NEW_SECTION}{end * 2}{line}{end}{end + below if below else ''}"
    place = headings[1].start() if len(headings) > 1 else len(changelog)
    above, below = changelog[:place].rstrip("\r\n"), changelog[place:]
    gap = end if above.rsplit(end, 1)[-1].startswith(("- ", "  ")) else end * 2
    return f"{above}{gap}{line}{end}{end + below if below else ''}"
