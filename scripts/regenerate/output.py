"""Puts a finished package in the place of the old one, and compares the two."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

from modellix._openapi import Object, is_object
from scripts.regenerate.generation import STAMP
from scripts.regenerate.refusal import Refusal

PACKAGE = "modellix_client"
_OWNERS = defaultdict(lambda: f"{PACKAGE}.api", post="client")
_ASKED = re.compile(r'"method": "(\w+)",\s+"url": "([^"]*)"')  # in the module of an operation


@contextlib.contextmanager
def scratch_folder(output: Path, *, beside: bool) -> Generator[Path]:
    """A folder that is gone afterwards; `beside` puts it into `output`, from where a rename is enough."""
    made = [folder for folder in (output, *output.parents) if not folder.exists()] if beside else []
    try:
        if beside:
            output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{PACKAGE}-", dir=output if beside else None) as name:
            yield Path(name)
    finally:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()  # Only where nothing was put into it.


def replace_package(package: Path, new: Path, scratch: Path) -> None:
    """Swaps `new` in for `package` by renames; the old one comes back if that fails."""
    old = scratch / "old"
    if not package.exists():
        new.rename(package)
        return
    package.rename(old)
    try:
        new.rename(package)
    except BaseException:
        old.rename(package)
        raise


def check_replaceable(package: Path) -> None:
    """Raises Refusal for anything but a generated package, an empty folder, or nothing."""
    if package.is_symlink() or (package.exists() and not package.is_dir()):
        raise Refusal(str(package), "is not a folder, so it is not replaced")
    if not package.exists() or not any(package.iterdir()):
        return
    init = package / "__init__.py"
    if not init.is_file() or not init.read_bytes().startswith(STAMP.encode()):
        raise Refusal(str(package), "is not a generated package, so it is not replaced")


def read_document_of(package: Path) -> Object | None:
    """The document that a package carries; None if there is none to read."""
    try:
        data = json.loads((package / "openapi.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return data if is_object(data) else None


def types_gone(package: Path, new: Path) -> list[str]:
    """One line for each type that users could import from `package` and cannot from `new`."""
    gone = sorted(_types(package) - _types(new))
    return [f"type {name} gone: `from {PACKAGE}.models import {name}` no longer works" for name in gone]


def methods_moved(package: Path, new: Path) -> list[str]:
    """One line for each operation that users call by another name in `new`."""
    before, after = _methods(package), _methods(new)
    return [
        f"{method.upper()} {path}: {_OWNERS[method]}.{name} is now {_OWNERS[method]}.{after[method, path]}"
        for (method, path), name in sorted(before.items())
        if after.get((method, path), name) != name
    ]


def _methods(package: Path) -> dict[tuple[str, str], str]:
    """Folder and module of each operation, by its method and path."""
    found: dict[tuple[str, str], str] = {}
    for path in (package / "api").glob("*/*.py"):
        with contextlib.suppress(OSError, ValueError):
            if asked := _ASKED.search(path.read_text("utf-8")):
                found[asked[1], asked[2]] = f"{path.parent.name}.{path.stem}"
    return found


def _types(package: Path) -> set[str]:
    """What `models` exports; nothing where it cannot be read, for somebody may have edited it."""
    try:
        code = ast.parse((package / "models" / "__init__.py").read_text("utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return set()
    imports = (node for node in ast.walk(code) if isinstance(node, ast.ImportFrom) and node.level == 1)
    return {alias.name for node in imports for alias in node.names}


def differences(package: Path, new: Path) -> list[str]:
    """One line for each file that is missing, extra or different in `package`, sorted."""
    have, want = _files(package), _files(new)
    found = [(name, "missing") for name in want.keys() - have.keys()]
    found += [(name, "extra") for name in have.keys() - want.keys()]
    found += [(name, "different") for name in have.keys() & want.keys() if _bytes(have[name]) != _bytes(want[name])]
    return [f"{name}: {what}" for name, what in sorted(found)]


def _files(folder: Path) -> dict[str, Path]:
    paths = (path for path in folder.rglob("*") if "__pycache__" not in path.parts and not path.is_dir())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
