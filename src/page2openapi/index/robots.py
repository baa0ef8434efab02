"""What `robots.txt` allows, by RFC 9309, and the pause that it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = "modellix-client"  # of this program, as in its User-Agent
_LARGEST = 500 * 1024  # characters that are looked at


@dataclass
class Robots:
    """The rules for this program. `delay` is in seconds, 0 where none is asked for."""

    rules: list[tuple[bool, str]] = field(default_factory=list[tuple[bool, str]])
    delay: float = 0.0

    def allows(self, target: str) -> bool:
        """Whether a path, with its query, may be asked for. The longest rule decides; of two, the one that allows."""
        matching = [(len(rule), allowed) for allowed, rule in self.rules if _matches(rule, target)]
        return max(matching, default=(0, True))[1]


def read_robots(text: str) -> Robots:
    """The rules of the group that names this program, else those for all."""
    named, others = list[tuple[str, str]](), list[tuple[str, str]]()
    is_named, found, agents, in_rules = False, False, list[str](), False
    for key, value in _lines(text):
        if key == "user-agent":
            agents, in_rules = ([] if in_rules else agents) + [value.lower()], False
            is_named = any(agent.partition("/")[0] == _NAME for agent in agents)
            found = found or is_named
            continue
        in_rules = in_rules or key in ("allow", "disallow", "crawl-delay")
        if is_named:
            named.append((key, value))
        elif "*" in agents:
            others.append((key, value))
    return _robots(named if found else others)


def _lines(text: str) -> list[tuple[str, str]]:
    parts = (line.partition("#")[0].partition(":") for line in text[:_LARGEST].lstrip("\ufeff").splitlines())
    return [(key.strip().lower(), value.strip()) for key, colon, value in parts if colon]


def _robots(lines: list[tuple[str, str]]) -> Robots:
    robots = Robots([(key == "allow", value) for key, value in lines if key in ("allow", "disallow") and value])
    delays = [value for key, value in lines if key == "crawl-delay" and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value)]
    robots.delay = max(map(float, delays), default=0.0)
    return robots


def _matches(rule: str, target: str) -> bool:
    """`*` stands for anything, `$` at the end for the end. Without backtracking, whatever the rule holds."""
    first, *others = rule.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    for part in others:
        at = target.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return not rule.endswith("$") or (target.endswith(others[-1]) if others else at == len(target))
