"""Which version a change asks for. A person sets it, with a tag."""

from __future__ import annotations

import re

from page2openapi.drift import Severity

_STEP = {"breaking": 0, "behavioural": 1, "non-breaking": 1}  # the place in MAJOR.MINOR.PATCH that is counted up
_NAMES = ("major", "minor", "patch")
_PLAIN = re.compile(r"(\d+)\.(\d+)\.(\d+)$")


def version_step(version: str | None, worst: Severity) -> str:
    """In words: the version after this one, by the worst class of drift. Before 1.0 each step is one smaller."""
    if version is None:
        return f"The worst drift is {worst}. Nothing is released yet, so the first version has it."
    found = _PLAIN.match(version)
    place = _STEP[worst]
    if found is None:
        return f"The worst drift is {worst}: a {_NAMES[place]} version after {version}."
    numbers = [int(one) for one in found.groups()]
    is_early = numbers[0] == 0
    place += is_early
    following = ".".join(map(str, [*numbers[:place], numbers[place] + 1, 0, 0][:3]))
    later = f"; from 1.0 on it would be a {_NAMES[place - 1]} one" if is_early else ""
    return f"The worst drift is {worst}: after {version} comes {following}, a {_NAMES[place]} version{later}."
