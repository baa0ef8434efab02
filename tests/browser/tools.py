"""What the tests in a browser need beside Python: Chromium and axe-core.

`python -m tests.browser.tools FOLDER` gets them: Chromium from Debian's packages, as root, where there is none; and
axe-core with npm, into the folder. Exit 0, or 1 with one line that says what is missing. Nothing here waits for ever.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

AXE = "axe-core@4.14.1"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 600  # seconds for one installation


class Missing(Exception):
    """A tool that is not there, with what to do about it."""


def chromium() -> str:
    """The path of Chromium: the one that the variable CHROMIUM names, or the first on PATH. `Missing` without any."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise Missing("no Chromium: install Debian's package chromium, or name a browser in CHROMIUM")
    return found


def axe() -> Path:
    """The script of axe-core, in the folder that the variable AXE_FOLDER names. `Missing` when it is not there."""
    script = axe_in(Path(os.environ.get("AXE_FOLDER", "node_modules")))
    if not script.exists():
        raise Missing("no axe-core: `python -m tests.browser.tools FOLDER` gets it; name the folder in AXE_FOLDER")
    return script


def axe_in(folder: Path) -> Path:
    return folder / "node_modules" / "axe-core" / "axe.min.js"


def main(arguments: list[str]) -> int:
    """Gets what is missing."""
    if len(arguments) != 1:
        print("usage: python -m tests.browser.tools FOLDER", file=sys.stderr)
        return 2
    try:
        get_chromium()
        get_axe(Path(arguments[0]))
    except Missing as missing:
        print(f"browser: {missing}", file=sys.stderr)
        return 1
    return 0


def get_chromium() -> None:
    """Installs Debian's Chromium where there is no browser, and says so."""
    try:
        print(f"browser: {chromium()}")
    except Missing:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise
        print("browser: installing Debian's chromium", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "-qq", "update"], environment)
        _run(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium"], environment)


def get_axe(folder: Path) -> None:
    """Installs axe-core into a folder that does not have it."""
    if axe_in(folder).exists():
        return
    npm = shutil.which("npm")  # on Windows it is a script, which is not found without its ending
    if npm is None:
        raise Missing("no npm, which gets axe-core: install Node.js with npm")
    folder.mkdir(parents=True, exist_ok=True)
    _run([npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", AXE])


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Missing(f"`{' '.join(command)}` did not end within {PATIENCE} s") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Missing(f"`{' '.join(command)}` failed: {last}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
