"""Every command in the papers: it is run here, or `.ci/run` runs it and its options are known."""

from __future__ import annotations

import datetime
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from contract_tests.model.document import contract
from modellix import Intent, SqliteJournal
from tests.page2openapi.from_document import page_of
from tests.page2openapi.site import markdown
from tests.page2openapi.site import running as running_site
from tests.papers.texts import PAPERS, ROOT, commands

CI = (ROOT / ".ci" / "run").read_text("utf-8")
NOXFILE = (ROOT / "noxfile.py").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# `live` wants a key; .github/workflows/ci.yml runs the others.
OUTSIDE = {"live", "benchmark", "catalogue", "demo", "fuzz", "release", "report", "schemathesis"}
OF_OURS = r"\.(\[\w+\])?$|--editable$|--group$"
COPIED = ("scripts", "src", "generated", "openapi")  # what the docs reader works on


def python(*arguments: str, cwd: Path = ROOT, status: int = 0, environment: Mapping[str, str] = {}) -> str:
    """What a command of Python says. It must end with that status."""
    paths = os.pathsep.join((".", "src", "generated"))
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONUTF8": "1", "COLUMNS": "200", **environment}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def run_session(words: list[str], folder: Path) -> None:
    """`nox -s NAME … -- ARGUMENTS`: CI runs the session, and its command takes the arguments."""
    names, arguments = words[2:], list[str]()
    if "--" in names:
        names, arguments = names[: names.index("--")], names[names.index("--") + 1 :]
    if "-P" in names:
        names = names[: names.index("-P")]
    for name in names:
        assert re.search(rf"^def {name}\(session", NOXFILE, re.MULTILINE), f"there is no session {name}"
        assert name in OUTSIDE or re.search(rf"nox -s (\w+ )*{name}\b", CI), f"CI does not run {name}"
    if arguments:
        take_arguments(names[0], arguments, folder)


def take_arguments(session: str, arguments: list[str], folder: Path) -> None:
    """Runs what is quick; of the others the help must know the options."""
    if session == "tests":
        python("-m", "pytest", "--collect-only", "-q", *arguments)
    elif session == "docs":
        run_docs(arguments, folder)
    else:
        function = re.search(rf"^def {session}\(.*?(?=^@|\Z)", NOXFILE, re.DOTALL | re.MULTILINE)
        assert function
        module = re.findall(r'"-m", "([\w.]+)"', function[0])[-1]
        known = python("-m", module, *(["contract_tests"] if module == "pytest" else []), "--help")
        assert [one for one in arguments if one.startswith("-") and one not in known] == []


def run_docs(arguments: list[str], folder: Path) -> None:
    """The docs reader, with a page for each PAGE, in a copy of what it works on."""
    for part in COPIED:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    page = folder / "page.txt"
    page.write_text(page_of(contract(), contract().submissions[0]), "utf-8")
    given = [page.name if re.fullmatch(r"PAGE|OLD|NEW", one) else one for one in arguments]
    if given[0] == "index" or "--new" in given:
        run_index(given, folder)
        return
    under_git = put_under_git(folder) if "propose" in given else {}
    python("-m", "scripts.docs", *given, cwd=folder, environment=under_git)


def run_index(given: list[str], folder: Path) -> None:
    """What reads the vendor's index, with one on loopback that has a model more than the document."""
    with running_site() as site:
        known = contract().submissions
        shown = [*known, replace(known[0], path="/kling/paper/async")]
        pages = {one.path.removesuffix("/async"): page_of(contract(), one) for one in shown}
        site.answers = {f"{address}.md": [markdown(page)] for address, page in pages.items()}
        site.answers["/llms.txt"] = [markdown("".join(f"- [A]({site.origin}{address})\n" for address in pages))]
        index = f"{site.origin}/llms.txt"
        source = [index] if given[0] == "index" else ["--index", index]
        said = python("-m", "scripts.docs", *given, *source, "--pause", "0", cwd=folder, status=int(given == ["index"]))
    assert "kling" in said


def put_under_git(folder: Path) -> dict[str, str]:
    """Commits what is there but the page; returns who commits, for others to do so."""
    who = {f"GIT_{role}_{what}": "paper@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for command in (["init", "--quiet"], ["add", *COPIED], ["commit", "--quiet", "--message", "Copy"]):
        subprocess.run(["git", *command], cwd=folder, env={**os.environ, **who}, check=True)
    return who


def install(words: list[str], folder: Path) -> None:
    """`pip install …`: CI has the same line, the extras and groups are there, or the repository can be installed."""
    known = {*PROJECT["project"]["optional-dependencies"], *PROJECT["dependency-groups"]}
    if words[2:] == ["nox"]:
        assert "-m pip install --quiet nox" in CI
        return
    if words[2:] == ["--upgrade", "pip"]:
        return
    if words[2:] == [PROJECT["project"]["name"]]:
        assert "The package is not on PyPI yet" in PAPERS["README.md"]
        return
    if from_git := re.match(r"modellix-client\[(\w+)\] @ git\+file://", words[2]):
        assert from_git[1] in known
        install_from_git(folder)
        return
    named = [name for one in words[2:] for name in re.findall(r"^\.\[(\w+)\]$", one)]
    named += [words[at + 1] for at, one in enumerate(words) if one == "--group"]
    others = [one for one in words[2:] if not re.match(OF_OURS, one) and one not in named]
    assert others == []
    assert set(named) <= known


def install_from_git(folder: Path) -> None:
    """Without the network, so that what it requires is left out, and what builds it is what is here."""
    here = f"{PROJECT['project']['name']} @ git+{ROOT.as_uri()}"
    python("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", str(folder), here)
    assert (folder / "modellix" / "py.typed").exists()


def serve(words: list[str], _folder: Path) -> None:
    """On a free port, whichever the paper names."""
    command = [sys.executable, *("0" if one.isdecimal() else one for one in words[1:])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            assert server.stdout.readline().startswith("listening on http://127.0.0.1:")
            assert "--control" not in words or server.stdout.readline().startswith("control at http://127.0.0.1:")
        finally:
            server.terminate()


def collect(words: list[str], _folder: Path) -> None:
    """pytest by hand: it finds the tests, and its options are known. A live run in which no test ran ends with 1."""
    where = {"MODELLIX_API_KEY": "test-key", "MODELLIX_BASE_URL": "http://127.0.0.1:9"}
    said = python(*words[1:], "--collect-only", "-q", status=1 if "--live" in words else 0, environment=where)
    assert re.search(r"\d+(/\d+)? tests collected", said)


def is_in_ci(words: list[str], _folder: Path) -> None:
    assert shlex.join(words).removeprefix("python ") in CI


def help_of(words: list[str], _folder: Path) -> None:
    python(*words[1:], "--help")


def run_as_it_is(words: list[str], _folder: Path) -> None:
    assert python(*words[1:])


def exists(words: list[str], _folder: Path) -> None:
    assert (ROOT / words[0]).stat().st_mode & 0o100


def ask_journal(words: list[str], folder: Path) -> None:
    """A journal's command, on a journal with as many unresolved entries as a paper may name."""
    path = str(folder / "submissions.db")
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    with SqliteJournal(path) as journal:
        for _ in range(9):
            journal.begin(Intent("gpt_image_2", "2:0", None, long_ago, long_ago))
    given = [path if one == "submissions.db" else one for one in words[1:]]
    assert path in given
    python(*given, status=1 if "unresolved" in given else 0)


RULES: tuple[tuple[str, Callable[[list[str], Path], None]], ...] = (
    (r"(pipx run )?nox -s ", run_session),
    (r"pip install ", install),
    (r"python -m modellix\.testing\b", serve),
    (r"python -m modellix\.journal ", ask_journal),
    (r"python -m pytest ", collect),
    (r"python -m scripts\.(docs|report)$", help_of),
    (r"python -c ", run_as_it_is),
    (r"python -m venv |\. \.venv/", is_in_ci),
    (r"\.ci/run$", exists),
)
"""Who runs which command. One that nobody runs is a failure."""


@pytest.mark.parametrize("command", commands())
def test_each_command_runs(command: str, tmp_path: Path) -> None:
    rules = [run for pattern, run in RULES if re.match(pattern, command)]
    assert rules, "nobody runs this command: add it to RULES"
    words = shlex.split(command.removeprefix("pipx run ").replace("-s N", "-s 1"))
    rules[0](words, tmp_path)


@pytest.mark.parametrize(
    "command", ["nox -s nothing", "nox -s mutants -- --nothing", "nox -s docs -- read NOTHING", "pip install .[no]"]
)
def test_a_command_that_is_not_so_is_found(command: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        test_each_command_runs(command, tmp_path)


def test_ci_runs_every_session_that_the_papers_name_and_ends_with_the_tests() -> None:
    """What it leaves out rots."""

    def sessions(text: str) -> set[str]:
        return {name for names in re.findall(r"nox -s ((?:[a-z]+ ?)+)", text) for name in names.split()}

    assert sessions(CI) == sessions("\n".join(PAPERS.values())) - OUTSIDE
    assert CI.splitlines()[-1] == "python3 -m nox -s tests -R"  # in the environment that it made first
