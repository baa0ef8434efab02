"""`nox -s release`: builds what is released, checks it under each Python at hand, and writes the notes."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from scripts.release.build import Built, build, check_contents
from scripts.release.changelog import Section, notes, sections
from scripts.release.environments import check_types, python_at_hand, try_out
from scripts.release.metadata import check_metadata, dropped_links
from scripts.release.readiness import to_do_first
from scripts.release.running import Wrong

ROOT = Path(__file__).parents[2]
_FAMILY = "Programming Language :: Python :: 3."
_THIS = f"{sys.version_info.major}.{sys.version_info.minor}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when all was right, 1 when something must be done first."""
    parser = argparse.ArgumentParser(prog="nox -s release --", description=__doc__)
    parser.add_argument(
        "--dry-run", action="store_true", help="check the same before there is a tag, and say what is left to do"
    )
    parser.add_argument("--here", action="store_true", help="only build, and check under this Python alone")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="release-", ignore_cleanup_errors=True) as folder:
            return _release(ROOT, Path(folder), options.dry_run or options.here, options.here)
    except Wrong as reason:
        print(reason, file=sys.stderr)
        return 1


def _release(project: Path, folder: Path, is_dry: bool, is_here: bool) -> int:
    newest = sections((project / "CHANGELOG.md").read_text("utf-8"))[0]
    built = build(project, folder)
    page = check_metadata(project, built)
    left = list(to_do_first(project, built.version, newest, dropped_links(project, page)))
    if left and not is_dry:
        raise Wrong("\n".join(("nothing was released. Before a release:", *left)))
    print(f"{built.wheel.name}: {check_contents(project, built)} files, the same from the sdist and from the project")
    check_types(built, folder)
    print("types: mypy --strict takes them from the wheel")
    _try_out(built, folder, [_THIS] if is_here else _pythons(project))
    _keep(project, built, newest, page)
    print("\n".join(("Before a release:", *left)) if left else "ready: the workflow uploads what is in dist/")
    return 0


def _pythons(project: Path) -> list[str]:
    """The versions that the classifiers name."""
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    return [f"3.{one.removeprefix(_FAMILY)}" for one in settings["classifiers"] if one.startswith(_FAMILY)]


def _try_out(built: Built, folder: Path, versions: Sequence[str]) -> None:
    """Under each of these Pythons. Says which ones are not at hand."""
    for version in versions:
        python = python_at_hand(version)
        if python is None:
            print(f"Python {version}: NOT TRIED, it is not at hand")
            continue
        try_out(built, python, folder / version)
        print(f"Python {version}: wheel and sdist work in clean environments ({python})", flush=True)


def _keep(project: Path, built: Built, newest: Section, page: str) -> None:
    """Puts what is uploaded into dist/, and into build/release/ the notes and the README as an index shows it."""
    beside = project / "build" / "release"
    for folder in (project / "dist", beside):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    shutil.copy(built.sdist, project / "dist")
    shutil.copy(built.wheel, project / "dist")
    (beside / "notes.md").write_text(notes(newest), "utf-8")
    (beside / "README.html").write_text(page, "utf-8")
    print("dist/: what is uploaded; build/release/: the notes, and the README as an index shows it")
