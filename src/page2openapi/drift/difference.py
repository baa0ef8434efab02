"""A difference between what was and what is, and what it means to a client that sends requests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from modellix._keywords import KEYWORDS, limits_for
from modellix._openapi import Object, is_number
from page2openapi.drift.flatten import OWN_FIELDS
from page2openapi.json_text import key_of
from scripts.regenerate.patterns import portable

Severity = Literal["breaking", "behavioural", "non-breaking"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "behavioural", "non-breaking")  # worst first
_LONGEST = 100  # characters of a value within a line of text


@dataclass(frozen=True)
class Difference:
    """`where` is a place as `Page.lines` has them, or `sample_response`; `kind` a keyword or a few words.

    `old` and `new` are JSON values, None for what is not there. Lines are those of the page or the document on that
    side. `operation` is its method and path, and only said where documents have several operations.
    """

    where: str
    kind: str
    old: Any
    new: Any
    severity: Severity
    why: str
    new_line: int | None = None
    old_line: int | None = None
    operation: str = ""

    def as_json(self) -> Object:
        """The difference as JSON data; the severity is called `class`."""
        found: Object = {"where": self.where, "kind": self.kind, "old": self.old, "new": self.new}
        found |= {"class": self.severity, "why": self.why}
        return {**found, "operation": self.operation} if self.operation else found

    def as_text(self, old_source: str, new_source: str) -> str:
        """The difference as one line that begins with its place on the new side."""
        start = f"{new_source}:{self.new_line}" if self.new_line else new_source
        other = f"{old_source}:{self.old_line}" if self.old_line else old_source
        whose = f"{self.operation} " if self.operation else ""
        return f"{start}: {self.severity}: {whose}{self.where}: {self.kind}: {self.change} ({other}): {self.why}"

    @property
    def change(self) -> str:
        """Both sides, shortened."""
        return f"{_short(self.old)} -> {_short(self.new)}"


def worst_first(differences: Iterable[Difference]) -> list[Difference]:
    """The differences by severity, otherwise in the order given."""
    return sorted(differences, key=lambda difference: SEVERITIES.index(difference.severity))


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# What a changed keyword means. Limits of one type are compared where both sides have that type.

OF_TYPE = {kind: limits_for(kind) for kind in ("string", "number", "array", "object")}
FLAGS = tuple(name for name, keyword in KEYWORDS.items() if keyword.takes == "flag" and keyword.is_annotation)

UNWEIGHED = (
    *(
        name
        for name, keyword in KEYWORDS.items()
        if (keyword.has_schemas or keyword.needs or keyword.takes == "map of names")
        and not (keyword.is_annotation or name in OWN_FIELDS or name == "additionalProperties")
    ),
    *("contentEncoding", "contentMediaType"),
)
"""Those that only documents state, and that nobody can weigh without understanding both schemas."""

NOT_ON_COPIES = frozenset(UNWEIGHED) | {
    *("multipleOf", "uniqueItems", "minProperties", "maxProperties", "additionalProperties")
}
"""What a page copied from the browser never shows."""


class Verdict(NamedTuple):
    """How bad a change is, and why."""

    severity: Severity
    why: str

    def with_hint(self, hint: str) -> Verdict:
        """The same verdict, with more words."""
        return self._replace(why=self.why + hint)


def _fine(why: str) -> Verdict:
    return Verdict("non-breaking", why)


def _bad(why: str) -> Verdict:
    return Verdict("breaking", why)


_VERDICTS = {
    "nullable": (_fine("null is accepted now"), _bad("the reply may now be null")),
    "not nullable": (_bad("null is no longer accepted"), _fine("the reply is never null")),
    "required": (_bad("requests without it are refused now"), _fine("the reply always has it now")),
    "optional": (_fine("it may be left out now"), _bad("the reply may leave it out now")),
    "field added": (_fine("new and optional"), _fine("the reply grew")),
    "required field added": (_bad("new and required"), _fine("the reply grew")),
    "field removed": (_bad("it is no longer part of the request"), _bad("the reply no longer has it")),
    "enum added": (_bad("other values are refused now"), _fine("the options of the reply changed")),
    "enum removed": (_fine("more values are accepted"), _fine("the options of the reply changed")),
    "enum option added": (_fine("more values are accepted"), _fine("the options of the reply changed")),
    "enum option removed": (_bad("other values are refused now"), _fine("the options of the reply changed")),
    "form added": (_fine("another form is accepted"), _bad("the reply may have another form now")),
    "form removed": (_bad("a form is no longer accepted"), _fine("the reply has fewer forms")),
    "closed": (_bad("other fields are refused now"), _fine("no other fields come")),
    "opened": (_fine("other fields may come"), _fine("other fields may come")),
    "any type": (_fine("any type will do now"), _bad("the type changed")),
    "some type": (_bad("the type changed"), _fine("the reply now says which type")),
    "type": (_bad("the type changed"), _bad("the type changed")),
}
"""The verdict on what happened to a request, and to a reply."""


def judge(what: str, *, reply: bool) -> Verdict:
    """The verdict on a change that needs no weighing."""
    return _VERDICTS[what][reply]


def is_same(keyword: str, old: Any, new: Any) -> bool:
    """Whether two values of a keyword, None where it is not stated, say the same.

    A pattern is the same with its shorthands written out, as `apply` writes it.
    """
    known = KEYWORDS[keyword]
    was, now = (None if known.forbids_nothing(one) else one for one in (old, new))
    if keyword == "pattern":
        was, now = (portable(one) if isinstance(one, str) else one for one in (was, now))
    return key_of(was) == key_of(now)


def judge_keyword(keyword: str, old: Object, new: Object, *, reply: bool) -> Verdict:
    """The verdict on a keyword that differs; `old` and `new` are all keywords of either side.

    Of a pattern or format nobody can tell whether it allows more or less.
    """
    was, now = old.get(keyword), new.get(keyword)
    action = "added" if was is None else "removed" if now is None else "changed"
    if keyword == "default":
        return Verdict("behavioural", f"the default was {action}: what is left out may mean something else now")
    if keyword in FLAGS:
        return Verdict("behavioural", "it is marked so now" if now is True else "it is no longer marked so")
    if keyword == "additionalProperties":
        return judge("closed" if now is False else "opened", reply=reply)
    if keyword in UNWEIGHED:
        text = f"`{keyword}` differs; taken for the worst, as nobody can weigh it without reading"
        return _fine(f"`{keyword}` of the reply differs") if reply else _bad(text)
    is_tighter = _is_tighter(keyword, old, new)
    if KEYWORDS[keyword].bound and action == "changed":
        action = "tightened" if is_tighter else "loosened"
    name = keyword if keyword in ("pattern", "format") else "limit"
    if reply:
        return _fine(f"{'the' if name != 'limit' else 'a'} {name} of the reply was {action}")
    if now is None or not is_tighter:
        return _fine(f"the {name} was {action}: what was accepted still is")
    return _bad(f"the {name} was {action}: what was accepted may be refused now")


def _is_tighter(keyword: str, old: Object, new: Object) -> bool:
    if KEYWORDS[keyword].bound:
        before, after = _bound(keyword, old), _bound(keyword, new)
        return after is not None and (before is None or after > before)
    was, now = old.get(keyword), new.get(keyword)
    if keyword == "multipleOf" and is_number(was) and is_number(now) and now > 0:
        return not KEYWORDS[keyword].allows(now, was)
    return True


def _bound(keyword: str, keywords: Object) -> tuple[float, bool] | None:
    """The bound in force, the higher the tighter; strict bounds and others count together."""
    known = KEYWORDS[keyword]
    alike = [one for one in limits_for(known.of) if KEYWORDS[one].bound == known.bound]
    stated = [(KEYWORDS[one], keywords.get(one)) for one in alike]
    return max((one.tightness(limit) for one, limit in stated if is_number(limit)), default=None)
