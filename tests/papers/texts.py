"""The papers of the repository, and what stands in them: programs, commands, words in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HISTORY = {"CHANGELOG.md", "docs/decisions.md"}  # what they name may be gone today
PAPERS = {
    str(path.relative_to(ROOT).as_posix()): path.read_text("utf-8")
    for path in (ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md")))
    if str(path.relative_to(ROOT).as_posix()) not in HISTORY
}
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """A Python program in a paper. Its text begins at its own line, so that an error names the line of the paper."""

    paper: str
    text: str

    def __str__(self) -> str:
        return f"{self.paper}:{len(self.text) - len(self.text.lstrip(chr(10))) + 1}"


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", _BLOCK.sub("", text))


def _for_users() -> set[str]:
    """The papers that the index lists under its first headings."""
    listed, _, _ = PAPERS["docs/index.md"].partition("## The contract")
    linked = ((ROOT / "docs" / one).resolve().relative_to(ROOT).as_posix() for one in links(listed))
    return {one for one in linked if one in PAPERS} - {"docs/glossary.md"}


GUIDES = _for_users()


def programs() -> list[Program]:
    return [one for one in _python() if not _file_of(one)]


def projects() -> dict[str, dict[str, str]]:
    """The files that a paper shows, by paper and name. A program that begins with `# name.py` is that file."""
    found: dict[str, dict[str, str]] = {}
    for one in _python():
        if name := _file_of(one):
            found.setdefault(one.paper, {})[name] = one.text
    return found


def _file_of(program: Program) -> str:
    named = re.match(r"\s*# (\w+\.py)\n", program.text)
    return named[1] if named else ""


def _python() -> list[Program]:
    return [
        Program(paper, "\n" * text.count("\n", 0, found.start(2)) + found[2])
        for paper, text in PAPERS.items()
        for found in _BLOCK.finditer(text)
        if found[1] == "python"
    ]


def commands() -> list[str]:
    """Every command that a paper shows, each once, without its comment."""
    found = dict.fromkeys(one for text in PAPERS.values() for one in _commands_of(text))
    return [one for one in found if one]


def _commands_of(text: str) -> Iterator[str]:
    lines = [line for kind, block in _BLOCK.findall(text) if kind == "console" for line in block.splitlines()]
    inline = [one for one in in_code(text) if re.match(r"(nox|pipx?|python3?) |\.ci/", one)]
    for line in (*(one.removeprefix("$ ") for one in lines), *inline):
        for one in re.sub(r"\s+#.*", "", line).split(" && "):
            yield re.sub(r"^python3? -m (nox|pip)\b", r"\1", one).replace("python3 ", "python ").strip()


def in_code(text: str) -> list[str]:
    """What a paper sets in code within its sentences and tables."""
    return re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text))


def anchors(text: str) -> set[str]:
    """The names of a paper's headings in links."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
