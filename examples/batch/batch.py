"""Buys a picture for each row of a CSV file, and writes a CSV file of what became of each. Run it again to go on.

`python batch.py orders.csv --folder out`. Exit 0: all pictures are there. 1: some are not. 2: a mistake in the file or
in the settings, so nothing was bought. 130: Ctrl-C.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from modellix import ConfigurationError, GptImage2Request, JournalError, Modellix, Outcome, SqliteJournal

NAME = "name"  # the column that names a row; the others are fields of the request
COLUMNS = (NAME, "outcome", "task_id", "files", "error")
WAIT = 600.0  # seconds for one picture, after it was bought


def main() -> int:
    parser = argparse.ArgumentParser(description="A picture for each row of a CSV file.")
    parser.add_argument("orders", type=Path, help="a CSV file with the columns name and prompt")
    parser.add_argument("--folder", type=Path, default=Path("out"), help="where pictures, outcomes and journal go")
    parser.add_argument("--most", type=int, help="the most pictures ever bought for this folder (the number of rows)")
    options = parser.parse_args()
    try:
        orders = read_orders(options.orders)
    except (OSError, ValueError, csv.Error) as mistakes:
        print(mistakes, file=sys.stderr)
        return 2
    try:
        return buy(orders, options.folder, len(orders) if options.most is None else options.most)
    except (ConfigurationError, JournalError) as error:  # no key, or a journal that is none
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped: run it again to go on", file=sys.stderr)
        return 130


def buy(orders: Mapping[str, GptImage2Request], folder: Path, most: int) -> int:
    """Buys what is not bought yet, fetches what is not there yet, and writes down every row as it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        SqliteJournal(folder / "purchases.db", max_submissions=most) as journal,
        Modellix(journal=journal) as client,
        (folder / "outcomes.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        outcomes = client.run_all(orders, folder=folder, timeout=WAIT, progress=has_bar())
        left = write_outcomes(file, outcomes)
    print(
        f"{len(orders) - left} of {len(orders)} rows have their picture; each has a line in {folder / 'outcomes.csv'}"
    )
    return 1 if left else 0


def has_bar() -> bool:
    """At a terminal, if the extra `progress` is installed."""
    return sys.stderr.isatty() and importlib.util.find_spec("rich") is not None


def write_outcomes(file: TextIO, outcomes: Iterable[Outcome]) -> int:
    """How many have no picture. A row is on disk as soon as it has ended."""
    table, left = csv.writer(file), 0
    table.writerow(COLUMNS)
    for outcome in outcomes:
        error, files = outcome.error, " ".join(path.name for path in outcome.paths)
        task_id = outcome.task.id if outcome.task else ""
        table.writerow((outcome.reference, type(error).__name__ if error else "done", task_id, files, error or ""))
        file.flush()
        left += error is not None
    return left


def read_orders(path: Path) -> dict[str, GptImage2Request]:
    """The request of each row, by its name. A ValueError lists all mistakes, each with its line."""
    orders: dict[str, GptImage2Request] = {}
    mistakes: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:  # with or without the mark that Excel writes
        rows = csv.DictReader(file)
        check_columns(path, rows.fieldnames or [])
        for row in rows:
            try:
                add(orders, row)
            except ValueError as mistake:  # ConstraintError is one
                mistakes.append(f"{path}:{rows.line_num}: {mistake}")
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return orders


def check_columns(path: Path, columns: Iterable[str]) -> None:
    with Modellix("no-key-needed") as client:  # sends nothing
        fields = client.openai.gpt_image_2.limits
    needed = [NAME, *(name for name, limits in fields.items() if limits["required"])]
    missing, unknown = sorted(set(needed) - set(columns)), sorted(set(columns) - {NAME, *fields})
    if missing or unknown:
        raise ValueError(f"{path}:1: columns missing: {missing}, columns unknown: {unknown}")


def add(orders: dict[str, GptImage2Request], row: dict[str, Any]) -> None:
    """One row more. An empty cell leaves a field out, except where the API needs it."""
    if None in row:  # as `csv` has it
        raise ValueError("more cells than columns")
    name, prompt, others = row.pop(NAME) or "", row.pop("prompt") or "", {key: row[key] or None for key in row}
    if not name or name in orders:
        raise ValueError(f"the name {name!r} stands there twice" if name else "no name")
    orders[name] = GptImage2Request(prompt=prompt, **others)


if __name__ == "__main__":
    sys.exit(main())
