"""Everything one can run here. `nox -l` lists it; each session installs what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"  # the first with `download_python`; an older one says so and ends
nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "virtualenv"  # which comes with a newer pip than Python's: that takes half the time
# `-P 3.13` runs a session under that Python, and fails where there is none. By default it is the Python of nox.
nox.options.error_on_missing_interpreters = True
nox.options.download_python = "never"

PYPROJECT = nox.project.load_toml("pyproject.toml")
TYPED = ["generated", "src", "scripts"]


def install(session: nox.Session, *groups: str, extras: str = "[testing]") -> None:
    requirements = [line for group in groups for line in nox.project.dependency_groups(PYPROJECT, group)]
    session.install("-e", f".{extras}", *requirements)


def python_in(environment: str | Path) -> str:
    """The path of the Python of a virtual environment."""
    return str(Path(environment) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


@nox.session
def demo(session: nox.Session) -> None:
    """Regenerate the client and make two pictures with it: on the stand-in or, with `-- --live`, the real service."""
    install(session, "demo", "generate")
    session.run("python", "-m", "scripts.regenerate")
    session.run("python", "-m", "scripts.demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the contract against the stand-in, and the tests of client, stand-in and scripts; `-- PATH` runs some."""
    install(session, "tests")
    session.run("python", "-m", "pytest", "-m", "not slow and not browser and not servers", "-n", "2", *session.posargs)


@nox.session
def live(session: nox.Session) -> None:
    """Test the API at MODELLIX_BASE_URL, with MODELLIX_API_KEY; `-- --live-budget N` lets it buy N submissions."""
    install(session, "tests")
    session.run("python", "-m", "pytest", "contract_tests", "--live", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Search at random for values that break a law; `-- --seconds N` says for how long. Finds are kept as examples."""
    install(session, "tests")
    session.run("python", "-m", "scripts.fuzz", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Put single faults into stand-in, document and both packages, six at a time: does the suite find each?"""
    install(session, "tests")
    session.run("python", "-m", "scripts.mutants", *session.posargs)


@nox.session
def report(session: nox.Session) -> None:
    """Write report/index.html from what the last runs found; when there was none, run the contract tests first."""
    install(session, "tests")
    if not Path("report/stand-in.json").exists():
        session.run("python", "-m", "pytest", "-n", "2", "-m", "not slow", "contract_tests", success_codes=[0, 1])
    session.run("python", "-m", "scripts.report", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """Test report and site in Chromium, with screenshots; installs Debian's Chromium, as root, and axe-core by npm."""
    install(session, "tests", "browser")
    tools = str(Path(session.create_tmp()).resolve())
    session.run("python", "-m", "tests.browser.tools", tools)
    # By files, so that no fixture of a file is made twice: one of them is a run of the contract tests.
    command = ["python", "-m", "pytest", "-m", "browser", "-n", "2", "--dist", "loadfile"]
    session.run(*command, *(session.posargs or ["tests/browser"]), env={"AXE_FOLDER": tools})


@nox.session
def site(session: nox.Session) -> None:
    """Build the pages into build/site, from docs/, README and docstrings; a warning is a failure."""
    install(session, "site", extras="[testing,sql]")
    shutil.rmtree("build/site", ignore_errors=True)
    command = ["python", "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-c", "docs", ".", "build/site"]
    session.run(*command, *session.posargs)
    session.log(f"see {Path('build/site/index.html').resolve()}")


@nox.session
def examples(session: nox.Session) -> None:
    """Test examples/, and the journal on PostgreSQL; installs Debian's PostgreSQL and Redis, as root."""
    install(session, "tests", "examples", extras="[testing,sql]")
    session.run("python", "-m", "tests.support.servers")
    where = session.posargs or ["tests", "examples"]
    session.run("python", "-m", "pytest", "-n", "2", "-m", "servers or example", *where)


@nox.session
def schemathesis(session: nox.Session) -> None:
    """Run plain schemathesis against the stand-in on loopback; `-- beside` tells what a live run costs beside it."""
    install(session, "tests")
    if session.posargs == ["beside"]:
        session.run("python", "-m", "scripts.beside_schemathesis")
        return
    command = [python_in(session.virtualenv.location), "-m", "modellix.testing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stand_in:
        try:
            origin = stand_in.stdout.readline().split()[-1] if stand_in.stdout else ""
            settings = ["--config-file", "contract_tests/harness/schemathesis.toml"]
            where = ["openapi/modellix.yaml", "--url", f"{origin}/api/v1"]
            session.run("schemathesis", *settings, "run", *where, *session.posargs)
        finally:
            stand_in.terminate()


@nox.session
def faults(session: nox.Session) -> None:
    """Run every fault of the network, the kill tests and the long properties against the client."""
    install(session, "tests")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    session.run("python", "-m", "pytest", "-n", "2", "-m", "random", "--all-random", "contract_tests")
    # Six at a time: many wait for a program that they started, or for a time-out.
    session.run("python", "-m", "pytest", "-n", "6", "-m", "(faults or slow) and not servers", "tests")


@nox.session
def changes(session: nox.Session) -> None:
    """Follow docs/docs-reader.md for every kind of change of the docs, in a clone; `-- --all-at-once` tests once."""
    clone = Path(session.create_tmp()).resolve() / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    session.run("git", "clone", "--quiet", ".", str(clone), external=True)
    with session.chdir(clone):
        install(session, "tests")
        session.run("python", "-m", "tests.changes", *session.posargs)


@nox.session
def catalogue(session: nox.Session) -> None:
    """Take a made-up catalogue of 120 models the whole way, in a clone, to pictures; `-- --models N` makes N."""
    clone = Path(session.create_tmp()).resolve() / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    session.run("git", "clone", "--quiet", ".", str(clone), external=True)
    with session.chdir(clone):
        install(session, "tests", "generate", "typecheck", "demo")
        session.run("python", "-m", "scripts.catalogue", "run", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Regenerate generated/ from openapi/modellix.yaml; `-- --check` only compares."""
    install(session, "generate", extras="")
    session.run("python", "-m", "scripts.regenerate", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Compare the vendor's pages with openapi/modellix.yaml; `-- check|read|diff|apply|propose PAGE`: pages on disk."""
    if "propose" in session.posargs:  # It runs the contract tests.
        install(session, "tests")
    else:
        install(session, "generate", extras="")
    session.run("python", "-m", "scripts.docs", *(session.posargs or ["check"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format with ruff, and who imports whom with import-linter."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run(
        "lint-imports", "--no-cache", "--no-logo", env={"PYTHONPATH": os.pathsep.join((".", "src", "generated"))}
    )


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check types: mypy and pyright, strict, on what is shipped and the scripts; plain mypy on the tests."""
    install(session, "typecheck")
    session.run("mypy", "--strict", *TYPED)
    session.run("pyright", *TYPED, env={"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"})
    session.run("mypy", "tests", "contract_tests", "examples", "conftest.py", "noxfile.py", "docs/conf.py")
    # On programs of users. Only here is pyright; `nox -s faults` has mypy's turn.
    session.run("pytest", "-q", "tests/modellix/test_client_types.py", "-k", "pyright")


@nox.session
def wheel(session: nox.Session) -> None:
    """Build sdist and wheel, and check them in clean environments, under this Python alone."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "release"))
    session.run("python", "-m", "scripts.release", "--here")


@nox.session
def release(session: nox.Session) -> None:
    """Build and check sdist and wheel under each Python at hand, write the notes; `-- --dry-run` before the tag."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "release"))
    session.run("python", "-m", "scripts.release", *session.posargs)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Measure the client beside its peers, and write docs/benchmark.md; `-- --only submit` only prints a part."""
    install(session, "benchmark", extras="[testing,sql]")
    session.run("python", "-m", "scripts.benchmark", *session.posargs)
