"""Every option beside every other: few choices of one option from each of several fields."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

Choice = dict[int, int]
"""Of some columns, by number, which option is chosen, by number."""


def every_pair(columns: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Rows with an option of each column, until any two options of two columns stand together in one. All rows there
    are of two columns; of more, which would be too many, those that bring most that is new.
    """
    if len(columns) < 3:
        return list(product(*columns))
    numbered = [[(column, option) for option in range(len(options))] for column, options in enumerate(columns)]
    left = {pair for one, other in combinations(numbered, 2) for pair in product(one, other)}
    rows = list[tuple[Any, ...]]()
    while left:
        chosen: Choice = dict(min(left))
        for options in numbered:
            if options[0][0] not in chosen:
                fuller = [chosen | dict([one]) for one in options]
                chosen = max(fuller, key=lambda choice: sum(pair in left for pair in _pairs_in(choice)))
        left.difference_update(_pairs_in(chosen))
        rows.append(tuple(options[chosen[column]] for column, options in enumerate(columns)))
    return rows


def covering(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Few of the rows that together hold each option of each column, the first row at least."""
    left = {one for row in rows for one in enumerate(map(repr, row))}
    chosen = rows[:1]
    while left := left.difference(*(enumerate(map(repr, row)) for row in chosen)):
        chosen.append(max(rows, key=lambda row: len(left.intersection(enumerate(map(repr, row))))))
    return chosen


def _pairs_in(chosen: Choice) -> Iterator[tuple[tuple[int, int], ...]]:
    return combinations(sorted(chosen.items()), 2)
