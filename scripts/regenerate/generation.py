"""Drives openapi-python-client: from a checked document to a package in an empty folder."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from scripts.regenerate import names, templates
from scripts.regenerate.method_names import for_upstream, with_names
from scripts.regenerate.preparation import prepare
from scripts.regenerate.refusal import Refusal, raise_first
from scripts.regenerate.rendering import Rendering

SETTINGS = templates.FOLDER.parent / "generator.yaml"
COMMAND = "python -m scripts.regenerate"
STAMP = "# Generated from "

# By no settings of the place where this runs: no pyproject.toml's, and no .gitignore's, as nox has for temporary files.
_RUFF_SETTINGS = (
    *("--isolated", "--no-respect-gitignore", "--no-cache", "--quiet"),
    *("--target-version", "py311", "--line-length", "120"),
)
_RUFF = (
    ("ruff cannot tidy", "check", "--output-format", "concise", "--fix-only", "--select", "I,F401,UP"),
    ("ruff cannot format", "format"),
    ("the generated code is wrong", "check", "--output-format", "concise", "--select", "E9,F63,F7,F811,F82"),
)
_IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""


def generate(document: dict[str, Any], source: str, folder: Path) -> None:
    """Writes the package into `folder`, which must not exist yet; `source` is the document's file name."""
    _write_code(document, folder)
    (folder / "py.typed").touch()
    (folder / "openapi.json").write_text(document_text(document), encoding="utf-8", newline="\n")
    _tidy(folder)
    for path in sorted(folder.rglob("*.py")):
        path.write_text(f"{stamp(source)}\n\n{path.read_text('utf-8')}", encoding="utf-8", newline="\n")
    where = (str(folder.parent), folder.name)
    _run("the generated package cannot be imported", folder, "-I", "-B", "-c", _IMPORT_ALL, *where)


def refusals(document: dict[str, Any]) -> Iterator[Refusal]:
    """All that stands against a client of a checked document before any code is written."""
    return _refusals_of(_parsed(with_names(document), _config(Path())))


def document_text(document: dict[str, Any]) -> str:
    """The document as the package carries it."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def stamp(source: str) -> str:
    """The first line of every module. The name of a file must not break out of a comment."""
    return f"{STAMP}openapi/{re.sub('[^A-Za-z0-9._-]', '_', source)} by `{COMMAND}`; do not edit."


def _write_code(document: dict[str, Any], folder: Path) -> None:
    config = _config(folder)
    named = with_names(document)
    data = _parsed(named, config)
    raise_first(_refusals_of(data))
    assert isinstance(data, GeneratorData)
    rendering = Rendering(named, data)
    project = Project(openapi=data, config=config)
    _prepare_environment(project, rendering)
    with contextlib.redirect_stdout(io.StringIO()):
        raise_first(map(_refusal, project.build()))
    for file in rendering.files():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = project.env.get_template(f"{file.template}.py.jinja").render(file.values)
        path.write_text(text, encoding="utf-8", newline="\n")


def _parsed(named: dict[str, Any], config: Config) -> GeneratorData | GeneratorError:
    prepared = prepare(named)
    for_upstream(prepared)
    return GeneratorData.from_dict(prepared, config=config)


def _refusals_of(data: GeneratorData | GeneratorError) -> Iterator[Refusal]:
    if isinstance(data, GeneratorError):
        yield _refusal(data)
        return
    in_paths = (error for one in data.endpoint_collections_by_tag.values() for error in one.parse_errors)
    yield from map(_refusal, (*data.errors, *in_paths))
    yield from names.refusals_of_generated(data)


def _config(folder: Path) -> Config:
    return Config.from_sources(
        ConfigFile.load_from_path(SETTINGS),
        MetaType.NONE,
        document_source=folder,  # Never read: the document was read by us.
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder,
    )


def _prepare_environment(project: Project, rendering: Rendering) -> None:
    assert project.env.loader is not None
    project.env.loader = templates.ChangedLoader(project.env.loader)
    project.env.globals.update(rendering.questions())
    project.env.filters["as_literal"] = repr
    for template in sorted({change.template for change in templates.CHANGES}):
        project.env.get_template(template)  # Those that this document does not need must fit too.


def _refusal(error: GeneratorError) -> Refusal:
    """A warning counts too: it means that something of the document would be missing in the client."""
    return Refusal("", f"openapi-python-client: {error.header.strip()} {error.detail or ''}".strip())


def _tidy(folder: Path) -> None:
    """Formats the code and refuses it where names are undefined or hidden, which a document can bring about."""
    for what, *command in _RUFF:
        _run(what, folder, "-P", "-m", "ruff", *command, *_RUFF_SETTINGS, folder.name)


def _run(what: str, folder: Path, *arguments: str) -> None:
    """Runs Python beside the folder; the first line that it says of a failure is the reason."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder.parent, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = done.stdout.splitlines() or done.stderr.splitlines()[-1:] or [str(done.returncode)]
        raise Refusal("", f"{what}: {said[0]}")
