"""Run inside a clean environment: does what was installed carry both packages and work? `alone` or `testing`, and the
version that it must be.
"""

import asyncio
import importlib
import importlib.metadata
import pkgutil
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import modellix
import modellix_client.operations


def check_version(version: str) -> None:
    """Metadata and package say that it is the one that was built."""
    said = {importlib.metadata.version("modellix-client"), modellix.__version__}
    if said != {version}:
        raise SystemExit(f"built as {version}, installed as {said}")


def check_modules() -> None:
    """Each module can be imported, or lacks what an extra brings."""
    wanted = importlib.metadata.requires("modellix-client") or []
    extras = {re.split(r"[\s\[<>=;]", one)[0].lower().replace("-", "_") for one in wanted if "extra ==" in one}
    for package in (modellix, modellix_client):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(".__main__"):
                _import(found.name, extras)


def check_plugins() -> None:
    """What pytest loads wherever it meets the package is there, and needs no extra."""
    points = importlib.metadata.distribution("modellix-client").entry_points
    if not points.select(group="pytest11", name="modellix"):
        raise SystemExit("pytest finds no plugin")
    for point in points:
        point.load()


def check_files() -> None:
    """Both packages are typed, and the contract is with them."""
    for package in (modellix, modellix_client):
        if not Path(package.__path__[0], "py.typed").is_file():
            raise SystemExit(f"{package.__name__} is not typed")
    if not modellix_client.operations.document()["paths"]:
        raise SystemExit("the document has no paths")
    with modellix.Modellix("test-key") as client:
        repr(client.openai.gpt_image_2)


def buy() -> None:
    """Two pictures from the stand-in, each bought once and downloaded whole."""
    from modellix.testing import StandIn

    stand_in = StandIn(reads=1)
    with tempfile.TemporaryDirectory() as folder, stand_in.serve() as url:
        with modellix.Modellix("test-key", base_url=url) as client:
            paths = client.submit(_request()).wait().download(folder)
        paths += asyncio.run(_buy_without_blocking(url, folder))
        if [path.read_bytes()[:4] for path in paths] != [b"\x89PNG"] * 2:
            raise SystemExit(f"no two pictures: {paths}")
    if len(stand_in.submissions) != len(paths):
        raise SystemExit(f"the stand-in counted {len(stand_in.submissions)} submissions")


def _request() -> modellix.GptImage2Request:
    """Of a shipped model, by whatever name its prompt has."""
    with modellix.Modellix("test-key") as client:
        limits = client.openai.gpt_image_2.limits
    words: dict[str, Any] = {name: "A lighthouse in fog" for name, field in limits.items() if field["required"]}
    return modellix.GptImage2Request(**words)


async def _buy_without_blocking(url: str, folder: str) -> list[Path]:
    async with modellix.AsyncModellix("test-key", base_url=url) as client:
        task = await client.submit(_request())
        return await (await task.wait()).download(folder)


def _import(name: str, extras: set[str]) -> None:
    try:
        importlib.import_module(name)
    except ImportError as error:
        lacks = str(getattr(error.__cause__ or error, "name", "")).partition(".")[0]
        if lacks not in extras:
            raise


if __name__ == "__main__":
    kind, expected = sys.argv[1:]
    check_version(expected)
    check_files()
    if kind == "testing":
        buy()
    else:
        check_plugins()
        check_modules()
