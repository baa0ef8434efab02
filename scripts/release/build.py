"""Building an sdist and a wheel, and comparing what they hold with what git has."""

from __future__ import annotations

import shutil
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.release.running import Wrong, differences, run, run_module

_ALWAYS = ("PKG-INFO", ".gitignore", "pyproject.toml")  # in an sdist of hatchling


@dataclass(frozen=True)
class Built:
    """What is uploaded, and the version that it says it is."""

    sdist: Path
    wheel: Path

    @property
    def version(self) -> str:
        return self.wheel.name.split("-")[1]


def build(project: Path, folder: Path) -> Built:
    """The sdist of a project, and the wheel of that sdist. Raises Wrong when the project's own wheel is another."""
    [sdist] = _built("sdist", project, folder / "sdist")
    shutil.unpack_archive(sdist, folder / "unpacked", filter="data")
    [unpacked] = (folder / "unpacked").iterdir()
    [wheel], [direct] = _built("wheel", unpacked, folder / "wheel"), _built("wheel", project, folder / "direct")
    if (direct.name, direct.read_bytes()) != (wheel.name, wheel.read_bytes()):
        raise Wrong(f"{wheel.name} from the sdist and {direct.name} from the project differ")
    return Built(sdist, wheel)


def check_contents(project: Path, built: Built) -> int:
    """Raises Wrong unless both hold what git has, and no more. The number of files in the wheel."""
    targets = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    tracked = run("git", "ls-files", folder=project).splitlines()
    in_wheel = list(_packaged(targets["wheel"], tracked))
    in_sdist = [*_ALWAYS, *(one for one in tracked if _is_under(one, targets["sdist"]["include"]))]
    found = [*differences(wheel_files(built.wheel), in_wheel, "the wheel")]
    found += differences(sdist_files(built.sdist), in_sdist, "the sdist")
    if found:
        raise Wrong("\n".join(found))
    return len(in_wheel)


def wheel_files(wheel: Path) -> list[str]:
    """Those of the packages."""
    with zipfile.ZipFile(wheel) as content:
        return [one for one in content.namelist() if ".dist-info/" not in one]


def sdist_files(sdist: Path) -> list[str]:
    """Those in the one folder of an sdist."""
    with tarfile.open(sdist) as content:
        return [one.partition("/")[2] for one in content.getnames()]


def _built(target: str, project: Path, folder: Path) -> list[Path]:
    run_module("hatchling", "build", "--target", target, "--directory", folder, folder=project)
    return list(folder.iterdir())


def _packaged(target: Any, tracked: list[str]) -> Iterator[str]:
    for package in target["packages"]:
        above = package.rpartition("/")[0]
        yield from (one.removeprefix(f"{above}/") for one in tracked if one.startswith(f"{package}/"))


def _is_under(name: str, included: list[str]) -> bool:
    return any(f"/{name}" == one or f"/{name}".startswith(f"{one}/") for one in included)
