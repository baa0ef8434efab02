"""Two pictures from prompt to file: one generated, one edited. Run it with `nox -s demo`.

Without arguments it talks to the stand-in on loopback, which needs no key and costs nothing. `--live` talks to the real
service, after saying what it will buy and asking; `--yes` answers for you.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from modellix import ConfigurationError, ConstraintError, Modellix, ModellixError, PollPolicy, Task
from modellix.testing import StandIn
from modellix_client.models import GptImage2EditRequest, GptImage2Request
from scripts.console import take_any_output

HEADINGS = ("model", "task id", "states", "size asked", "size received", "file", "seconds")
SAMPLES = ["https://example.com/harbour.png", "https://example.com/ferry.jpg"]
SIZE: Final = "2048x1152"
PURCHASE = f"This buys 1 generation (gpt-image-2, {SIZE}, high) and 1 edit (gpt-image-2-edit, defaults) from {{!r}}."


class Row(NamedTuple):
    """One line of the table, in the order of HEADINGS."""

    model: str
    task_id: str
    states: str
    asked: str
    received: str
    path: str
    seconds: str


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when both pictures are on disk, 1 when something failed, 2 when nothing was tried."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--live", action="store_true", help="use the real service and MODELLIX_API_KEY; this costs money"
    )
    parser.add_argument("--yes", action="store_true", help="buy without asking")
    parser.add_argument("--folder", type=Path, default=Path("demo-pictures"), help="where the pictures go")
    options = parser.parse_args(arguments)
    try:
        return _live(options.folder, options.yes) if options.live else _rehearse(options.folder)
    except ConfigurationError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except ModellixError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except (TypeError, ConstraintError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        if isinstance(error, TypeError) and frames[-1].filename != __file__:
            raise  # not about how a request is made
        line = [frame.lineno for frame in frames if frame.filename == __file__][-1]
        print(f"demo: scripts/demo.py:{line}: {error}; if the contract has changed, change this line", file=sys.stderr)
        return 1


def _rehearse(folder: Path) -> int:
    stand_in = StandIn()
    poll = PollPolicy(first=0.1, longest=0.5)
    with stand_in.serve() as url, Modellix("test-key", base_url=url, poll=poll) as client:
        print(f"stand-in API at {url}")
        print_rows(make_pictures(client, folder, lambda picture_url: SAMPLES))
    print(f"submissions the server counted: {len(stand_in.submissions)}")
    return 0


def _live(folder: Path, is_agreed: bool) -> int:
    with Modellix(max_submissions=2) as client:
        print(PURCHASE.format(client))
        if not is_agreed and not _agrees():
            print("nothing was bought")
            return 2
        print_rows(make_pictures(client, folder, _to_edit))
    print("submissions accepted by the service: 2")
    return 0


def _to_edit(picture_url: str) -> list[str]:
    """The picture just made, twice; a server on loopback has it at a plain http address, which no edit takes."""
    return [picture_url, picture_url] if picture_url.startswith("https://") else SAMPLES


def _agrees() -> bool:
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def make_pictures(client: Modellix, folder: Path, to_edit: Callable[[str], list[str]]) -> Iterator[Row]:
    """Generate one picture, edit what `to_edit` makes of its URL, download both."""
    # Each request on one line, which is the one named when the contract has no such field any more.
    generation = GptImage2Request(prompt="A lighthouse keeper reading to a cat", size=SIZE, quality="high")
    first, picture_url = make(client, lambda: client.submit(generation), SIZE, folder)
    yield first
    edit = GptImage2EditRequest(images=to_edit(picture_url), prompt="Turn the daylight into dusk and light the windows")
    second, _ = make(client, lambda: client.submit(edit), "left out", folder)
    yield second


def make(client: Modellix, submit: Callable[[], Task], asked: str, folder: Path) -> tuple[Row, str]:
    """One picture from a paid task to its file: its row, and the address that the picture had."""
    started = time.monotonic()
    task = submit()
    states = [task.status or "?"]
    result = task.wait(on_update=lambda seen: states.append(seen.status or "?"))
    [path] = result.download(folder)
    seconds = time.monotonic() - started
    with Image.open(path) as picture:
        picture.load()  # the whole file, not just its header
        received = f"{picture.width}x{picture.height}"
    model = str(result.raw["data"].get("model_id") or "?")
    row = Row(model, task.id, " → ".join(states), asked, received, str(path), f"{seconds:.1f}")
    return row, result.resources[0].url


def print_rows(rows: Iterator[Row]) -> None:
    """The table of all rows, or of those that there were before something failed: they are paid for."""
    made: list[Row] = []
    try:
        for row in rows:
            made.append(row)
    finally:
        if made:
            print_table(made)


def print_table(rows: Sequence[Row]) -> None:
    """The rows under their headings, in columns as wide as they need."""
    lines: list[tuple[str, ...]] = [HEADINGS, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    take_any_output()
    sys.exit(main())
