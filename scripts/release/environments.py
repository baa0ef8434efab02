"""Installing what was built into clean environments, under each Python at hand."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.release.build import Built
from scripts.release.running import Wrong, run, run_module

_INSIDE = Path(__file__).with_name("installed.py")
_TYPED = """\
from modellix import GptImage2Size, Modellix, __version__

version: str = __version__
size: GptImage2Size = "no size"  # type: ignore[assignment]
with Modellix("key") as client:
    client.openai.gpt_image_2(prompt=1)  # type: ignore[arg-type]
"""


def python_at_hand(version: str) -> str | None:
    """The path of a Python such as 3.12: this one, one on the PATH, or one that pyenv or uv keeps."""
    return next((one for one in _candidates(version) if _version_of(one) == version), None)


def try_out(built: Built, python: str, folder: Path) -> None:
    """Raises Wrong unless wheel and sdist work under this Python: the wheel alone, and both with the testing kit."""
    environment = _environment(python, folder / "wheel")
    _install(environment, str(built.wheel), "pytest")  # which loads our plugin wherever it meets it
    run(environment, "-I", "-W", "error", _INSIDE, "alone", built.version, folder=folder)
    _install(environment, f"{built.wheel}[testing]")
    run(environment, "-I", "-W", "error", _INSIDE, "testing", built.version, folder=folder)
    environment = _environment(python, folder / "sdist")
    _install(environment, f"{built.sdist}[testing]")
    run(environment, "-I", "-W", "error", _INSIDE, "testing", built.version, folder=folder)


def check_types(built: Built, folder: Path) -> None:
    """Raises Wrong unless mypy takes types from the installed wheel, and finds two faults of a program with them."""
    environment = _environment(sys.executable, folder / "typed")
    _install(environment, str(built.wheel))
    (folder / "program.py").write_text(_TYPED, "utf-8")
    run_module("mypy", "--strict", "--python-executable", environment, "program.py", folder=folder)


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    yield from filter(None, [shutil.which(f"python{version}")])
    homes = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"]
    homes.append(Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local" / "share" / "uv" / "python")))
    for home in homes:
        yield from (str(one) for one in sorted(home.glob(f"*/bin/python{version}")))


def _version_of(python: str) -> str | None:
    try:
        return run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    except (Wrong, OSError):  # a shim of pyenv that leads nowhere
        return None


def _environment(python: str, folder: Path) -> Path:
    """The Python of a new environment with nothing in it."""
    run_module("virtualenv", "--quiet", "--no-seed", "--python", python, folder)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _install(environment: Path, *what: str) -> None:
    run_module("pip", "--python", environment, "install", "--quiet", "--no-compile", *what)
