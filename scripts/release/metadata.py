"""What an index is told and shows: the metadata, and the README."""

from __future__ import annotations

import email
import re
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

from scripts.release.build import Built
from scripts.release.running import Wrong, differences, run_module

_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_SHOWN_LINK = re.compile(r"""<[^>]* (?:href|src)=["']([^"']+)""")
_AWAY = re.compile(r"https?://|mailto:|#")


def check_metadata(project: Path, built: Built) -> str:
    """The README as the index shows it, in HTML. Raises Wrong for what an index refuses, and for links into nowhere."""
    run_module("twine", "check", "--strict", built.sdist, built.wheel)
    told = read_metadata(built)
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    check_entry_points(built.wheel, settings.get("entry-points", {}))
    from readme_renderer import markdown

    page = markdown.render(str(told.get_payload()))
    if page is None:
        raise Wrong("the README cannot be rendered")
    if lost := links_to_nowhere(page):
        raise Wrong(f"on an index these links of the README lead nowhere: {', '.join(lost)}")
    return str(page)


def links_to_nowhere(page: str) -> list[str]:
    """Those in HTML that need files beside it."""
    return [one for one in _SHOWN_LINK.findall(page) if not _AWAY.match(one)]


def dropped_links(project: Path, page: str) -> int:
    """How many links of the README have no place to go on an index."""
    shown = [one for one in _SHOWN_LINK.findall(page) if not one.startswith("#")]  # those are of headings
    return len(_LINK.findall((project / "README.md").read_text("utf-8"))) - len(shown)


def read_metadata(built: Built) -> Message:
    """The same in sdist and wheel, or Wrong is raised."""
    with zipfile.ZipFile(built.wheel) as content:
        [name] = [one for one in content.namelist() if one.endswith(".dist-info/METADATA")]
        of_wheel = content.read(name)
    with tarfile.open(built.sdist) as archive:
        [info] = [one for one in archive.getmembers() if one.name.count("/") == 1 and one.name.endswith("/PKG-INFO")]
        file = archive.extractfile(info)
        of_sdist = file.read() if file else b""
    if of_wheel != of_sdist:
        raise Wrong("the metadata of the wheel and of the sdist differ")
    return email.message_from_bytes(of_wheel)


def check_entry_points(wheel: Path, declared: dict[str, dict[str, str]]) -> None:
    """Raises Wrong unless the wheel has these: programs find plugins by them."""
    with zipfile.ZipFile(wheel) as content:
        files = [one for one in content.namelist() if one.endswith(".dist-info/entry_points.txt")]
        text = "".join(content.read(one).decode() for one in files)
    found = [line for line in text.splitlines() if line]
    expected = [line for group, points in declared.items() for line in (f"[{group}]", *map(" = ".join, points.items()))]
    if wrong := differences(found, expected, "the list of entry points"):
        raise Wrong("\n".join(wrong))
