"""`propose` the whole way on a small project, but for the contract tests, whose verdict is given."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.propose.command import Proposing
from scripts.propose.git import BRANCH
from scripts.propose.verdict import TESTS_OF_TABLE, Verdict
from scripts.regenerate import command as regenerate
from tests.page2openapi.applying import BEFORE
from tests.page2openapi.model_pages import EDIT, GENERATE, changed
from tests.page2openapi.site import QUICK, Site, markdown, running

from .repositories import Repo

pytestmark = pytest.mark.slow

SHORTER = changed(GENERATE, "1 - 32000", "1 - 10000")
SHORTEST = changed(GENERATE, "1 - 32000", "1 - 9000")
GOOD = Verdict(12, [], [])
CHANGELOG = "# Changelog\n\n## 1.0 (unreleased)\n\n- All of it.\n\n## 0.1.0 (2026-01-01)\n\n- Some.\n"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client of the short contract, generated once."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "modellix.yaml").write_text(BEFORE, "utf-8")
    assert regenerate.main(["--document", str(folder / "modellix.yaml"), "--output", str(folder / "generated")]) == 0
    return folder


@pytest.fixture
def project(repo: Repo, generated: Path) -> Repo:
    for path in generated.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            place = path.relative_to(generated)
            name = f"openapi/{place}" if place.name == "modellix.yaml" else place.as_posix()
            repo.write(name, path.read_text("utf-8"))
    repo.write("CHANGELOG.md", CHANGELOG)
    repo.git("add", "--force", ".")
    repo.git("commit", "--quiet", "-m", "Project")
    return repo


class Run:
    """Runs the command with pages of these texts, and keeps what it printed."""

    def __init__(self, project: Repo, scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.project, self.verdict = project, GOOD
        self.left = scratch / "left.txt"
        self.judged = 0
        self._scratch, self._capsys = scratch, capsys

    def __call__(self, *texts: str) -> int:
        names = []
        for number, text in enumerate(texts, 1):
            path = self._scratch / f"page-{number}.txt"
            path.write_text(text, "utf-8")
            names.append(str(path))
        self._capsys.readouterr()
        exit_status = Proposing(self.project.folder, self.left, QUICK, self._judge).run(names)
        self.out, self.err = self._capsys.readouterr()
        return exit_status

    def _judge(self, folder: Path) -> Verdict:
        assert (folder / "openapi" / "modellix.yaml").exists()
        self.judged += 1
        return self.verdict


@pytest.fixture
def propose(project: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    scratch = tmp_path / "pages"
    scratch.mkdir()
    return Run(project, scratch, capsys)


def test_a_branch_and_a_text(project: Repo, propose: Run) -> None:
    before = project.state()
    propose.verdict = Verdict(12, [f"{TESTS_OF_TABLE}::test[prompt]"], [])
    assert propose(SHORTER) == 0
    assert project.state() == before
    changed_files = project.git("diff", "--name-only", "HEAD", BRANCH).split()
    package = [name for name in changed_files if name.startswith("generated/modellix_client/")]
    assert package
    assert changed_files == ["CHANGELOG.md", *package, "openapi/modellix.yaml"]
    line = "- The client follows the vendor's pages: gpt_image_2 prompt: maxLength 32000 -> 10000.\n"
    assert project.git("show", f"{BRANCH}:CHANGELOG.md") == CHANGELOG.replace("of it.\n", f"of it.\n{line}").strip()
    drift = ": breaking: body.prompt: maxLength: 32000 -> 10000 (openapi/modellix.yaml:"
    places = [propose.out.index(one) for one in (drift, "## What users must change", "0.2.0", TESTS_OF_TABLE)]
    assert places == sorted(places)
    assert propose.err.splitlines() == [f"the branch {BRANCH} is new or was replaced"]
    assert propose.left.read_text() == ""


def test_the_client_on_the_branch_is_what_its_document_gives(project: Repo, propose: Run, tmp_path: Path) -> None:
    propose(SHORTER, changed(EDIT, "1 - 32000", "1 - 10000"))
    project.git("worktree", "add", "--quiet", str(tmp_path / "tree"), BRANCH)
    document, output = (tmp_path / "tree" / one for one in ("openapi/modellix.yaml", "generated"))
    assert regenerate.main(["--check", "--document", str(document), "--output", str(output)]) == 0


def test_run_twice_it_is_the_same_branch_and_the_same_text(project: Repo, propose: Run) -> None:
    propose(SHORTER)
    tip, text = project.tip(), propose.out
    assert propose(SHORTER) == 0
    assert (project.tip(), propose.out) == (tip, text)
    assert propose.err.splitlines() == [f"the branch {BRANCH} is as it was"]


@pytest.mark.parametrize("texts", [(GENERATE,), (GENERATE, EDIT)], ids=["one", "both"])
def test_pages_without_drift_propose_nothing(project: Repo, propose: Run, texts: tuple[str, ...]) -> None:
    assert propose(*texts) == 0
    assert propose.out == ""
    assert propose.err.startswith("nothing to propose: ")
    assert len(propose.err.splitlines()) == 1
    assert project.git("branch", "--list", BRANCH) == ""


def test_a_page_that_cannot_be_read_is_3_and_the_others_are_proposed(project: Repo, propose: Run) -> None:
    assert propose("no page at all", SHORTER) == 3
    assert "32000 -> 10000" in propose.out
    assert propose("no page at all") == 3
    assert (propose.out, propose.judged) == ("", 1)
    assert propose.left.read_text() != ""


def test_drift_that_no_command_writes_is_left_for_a_hand(project: Repo, propose: Run) -> None:
    other_type = changed(GENERATE, "prompt\nstring\n", "prompt\ninteger\n").replace(
        "Required string length: 1 - 32000\n\n", ""
    )
    assert propose(other_type) == 1
    assert propose.out == ""
    assert "; by hand: " in propose.err
    assert propose.left.read_text().splitlines() == propose.err.splitlines()[:-1]
    assert all(
        line.startswith("openapi/modellix.yaml:") or "page-1.txt" in line for line in propose.err.splitlines()[:-1]
    )
    assert project.git("branch", "--list", BRANCH) == ""


def test_tests_that_fail_stand_in_the_text_and_stop_nothing(project: Repo, propose: Run) -> None:
    propose.verdict = Verdict(3, [], ["contract_tests/api/test_x.py::test - broken"])
    assert propose(SHORTER) == 0
    assert "**1 failed**, 3 passed:" in propose.out
    assert project.tip()


def test_nothing_is_done_in_a_changed_tree(project: Repo, propose: Run) -> None:
    project.write("openapi/modellix.yaml", BEFORE + "# mine\n")
    before = project.state()
    assert propose(SHORTER) == 2
    assert propose.out == ""
    assert propose.err == "nothing was changed: commit or put away what was changed here first: openapi/modellix.yaml\n"
    assert project.state() == before


def test_ctrl_c_leaves_everything_as_it_was(project: Repo, propose: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project.state()

    def interrupted(folder: Path) -> Verdict:
        raise KeyboardInterrupt

    monkeypatch.setattr(propose, "_judge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        propose(SHORTER)
    assert project.state() == before
    assert project.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"
    monkeypatch.undo()
    assert propose(SHORTER) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="because Windows has no such signal")
def test_whoever_is_killed_leaves_nothing_that_stops_the_next(project: Repo, propose: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(SHORTER, "utf-8")
    program = (
        "import os, signal, sys; from pathlib import Path; from scripts.propose.command import Proposing;"
        "kill = lambda folder: os.kill(os.getpid(), signal.SIGKILL);"
        "Proposing(Path(sys.argv[1]), judge=kill).run([sys.argv[2]])"
    )
    before = project.state()
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = ['src', 'generated'];{program}"]
    done = subprocess.run([*command, str(project.folder), str(page)], cwd=Path(__file__).parents[2])
    assert done.returncode == -9
    assert project.state() == before
    assert propose(SHORTER) == 0


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


def test_without_pages_those_of_the_site_are_fetched(project: Repo, propose: Run, site: Site) -> None:
    """The address is in the contract, as `externalDocs`."""
    text = BEFORE.replace(
        "      operationId: gpt_image_2\n",
        f"      operationId: gpt_image_2\n      externalDocs: {{url: {site.origin}/gpt-image-2}}\n",
    )
    project.commit("openapi/modellix.yaml", text)
    assert propose() == 4
    site.answers = {"/gpt-image-2.md": [markdown(SHORTER)]}
    assert propose() == 0
    assert f"    {site.origin}/gpt-image-2.md:" in propose.out
    site.answers = {"/gpt-image-2.md": [markdown("<!DOCTYPE html><html></html>")]}
    assert propose() == 3


def test_the_way_of_a_remote(project: Repo, propose: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cloned, proposed, pushed; the page changes, and in a fresh clone it is proposed and pushed again."""
    bare = project.clone(tmp_path / "bare", "--bare")
    for number, (page, limit) in enumerate([(SHORTER, 10000), (SHORTER, 10000), (SHORTEST, 9000)]):
        clone = bare.clone(tmp_path / f"clone {number}")
        propose.project = clone
        tip = bare.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")
        assert propose(page) == 0
        clone.git("push", "--quiet", "--force-with-lease", "origin", f"refs/heads/{BRANCH}")
        assert (bare.tip() == tip) == (number == 1)
        assert bare.git("rev-list", "--count", f"main..{BRANCH}") == "1"
        assert f"maxLength: {limit}" in bare.git("show", f"{BRANCH}:openapi/modellix.yaml")
    clone.git("checkout", "--quiet", BRANCH)
    clone.commit("notes.txt", "by hand\n")
    clone.git("push", "--quiet", "origin", f"refs/heads/{BRANCH}")
    tip = bare.tip()
    propose.project = bare.clone(tmp_path / "clone 3")
    assert propose(SHORTER) == 2
    assert f"origin/{BRANCH} has a commit that propose did not write" in propose.err
    assert bare.tip() == tip
