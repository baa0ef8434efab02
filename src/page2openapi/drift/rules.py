"""What a changed keyword means to a client that sends requests."""

from __future__ import annotations

from typing import Any, NamedTuple

from modellix._openapi import Object
from page2openapi.drift.difference import Severity
from page2openapi.drift.values import LOWER, UPPER, is_number, key_of

# Keywords of one type only: they are compared where both sides have that type.
OF_TYPE = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties"),
}
# Those that only documents state, and that nobody can weigh without understanding both schemas.
UNWEIGHED = (
    *("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "propertyNames", "patternProperties"),
    *("contains", "minContains", "maxContains", "prefixItems", "contentEncoding", "contentMediaType"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
FLAGS = ("deprecated", "readOnly", "writeOnly")

# What a page copied from the browser never shows.
NOT_ON_COPIES = frozenset([*UNWEIGHED, "multipleOf", "uniqueItems", "minProperties", "maxProperties"]) | {
    "additionalProperties"
}
_NO_LIMIT_AT_ZERO = ("minLength", "minItems", "minProperties")

_BETTER: Severity = "non-breaking"


class Verdict(NamedTuple):
    """How bad a change is, and why."""

    severity: Severity
    why: str

    def with_hint(self, hint: str) -> Verdict:
        """The same verdict, with more words."""
        return self._replace(why=self.why + hint)


def is_same_limit(keyword: str, old: Any, new: Any) -> bool:
    """Whether two values of a keyword, None where it is not stated, allow the same."""
    if keyword in _NO_LIMIT_AT_ZERO:
        old, new = old or None, new or None
    return key_of(old) == key_of(new) if keyword != "uniqueItems" else bool(old) == bool(new)


def judge_limit(keyword: str, old: Object, new: Object, *, reply: bool) -> Verdict:
    """The verdict on a limit that differs; `old` and `new` are all keywords of either side."""
    was, now = old.get(keyword), new.get(keyword)
    action = "added" if was is None else "removed" if now is None else "changed"
    if keyword in LOWER | UPPER and action == "changed":
        action = "tightened" if _is_tighter(keyword, old, new) else "loosened"
    if reply:
        return Verdict(_BETTER, f"a limit of the reply was {action}")
    if now is None or not _is_tighter(keyword, old, new):
        return Verdict(_BETTER, f"the limit was {action}: what was accepted still is")
    return Verdict("breaking", f"the limit was {action}: what was accepted may be refused now")


def _is_tighter(keyword: str, old: Object, new: Object) -> bool:
    if keyword in LOWER | UPPER:
        was, now = _bound(keyword, old), _bound(keyword, new)
        return now is not None and (was is None or now > was)
    was, now = old.get(keyword), new.get(keyword)
    if keyword == "multipleOf" and is_number(was) and is_number(now) and now > 0:
        return was % now != 0
    return True


def _bound(keyword: str, keywords: Object) -> tuple[float, bool] | None:
    """The bound in force, the higher the tighter; strict bounds and others count together."""
    sign = 1 if keyword in LOWER else -1
    names = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
    plain = next((one for one, strict in names.items() if keyword in (one, strict)), keyword)
    stated = [(keywords.get(plain), False), (keywords.get(names.get(plain, "")), True)]
    return max(((sign * value, strict) for value, strict in stated if is_number(value)), default=None)


def judge_text_rule(keyword: str, old: Any, new: Any, *, reply: bool) -> Verdict:
    """The verdict on a pattern or format, of which nobody can tell whether it allows more or less."""
    action = "added" if old is None else "removed" if new is None else "changed"
    if reply:
        return Verdict(_BETTER, f"the {keyword} of the reply was {action}")
    if new is None:
        return Verdict(_BETTER, f"the {keyword} was removed: what was accepted still is")
    return Verdict("breaking", f"the {keyword} was {action}: what was accepted may be refused now")


def judge_unweighed(keyword: str, *, reply: bool) -> Verdict:
    """The verdict on a keyword whose weight only a person can tell."""
    if reply:
        return Verdict(_BETTER, f"`{keyword}` of the reply differs")
    return Verdict("breaking", f"`{keyword}` differs; taken for the worst, as nobody can weigh it without reading")


def judge_type(old: Any, new: Any, *, reply: bool) -> Verdict:
    """The verdict on another type; None stands for any."""
    if old is None and reply:
        return Verdict(_BETTER, "the reply now says which type")
    if new is None and not reply:
        return Verdict(_BETTER, "any type will do now")
    return Verdict("breaking", "the type changed")


def judge_closing(*, closed: bool, reply: bool) -> Verdict:
    """The verdict on `additionalProperties: false`."""
    if reply or not closed:
        return Verdict(_BETTER, "other fields may come" if not closed else "no other fields come")
    return Verdict("breaking", "other fields are refused now")


def judge_forms(gone: bool, come: bool, *, reply: bool) -> Verdict:
    """The verdict on alternatives that went or came."""
    if come if reply else gone:
        return Verdict("breaking", "the reply may have another form now" if reply else "a form is no longer accepted")
    return Verdict(_BETTER, "the reply has fewer forms" if reply else "another form is accepted")


def judge_default(old: Any, new: Any) -> Verdict:
    """The verdict on a default that was added, removed or changed."""
    action = "added" if old is None else "removed" if new is None else "changed"
    return Verdict("behavioural", f"the default was {action}: what is left out may mean something else now")


def judge_nullable(*, new: bool, reply: bool) -> Verdict:
    """The verdict on `null`, newly allowed or no longer."""
    if reply:
        return Verdict("breaking", "the reply may now be null") if new else Verdict(_BETTER, "the reply is never null")
    return Verdict(_BETTER, "null is accepted now") if new else Verdict("breaking", "null is no longer accepted")


def judge_required(*, new: bool, reply: bool) -> Verdict:
    """The verdict on a field that became required or optional."""
    if reply:
        text = "the reply always has it now" if new else "the reply may leave it out now"
        return Verdict(_BETTER if new else "breaking", text)
    text = "requests without it are refused now" if new else "it may be left out now"
    return Verdict("breaking" if new else _BETTER, text)


def judge_options(kind: str, *, reply: bool) -> Verdict:
    """The verdict on `enum added`, `enum removed`, `enum option added` or `enum option removed`."""
    worse = kind in ("enum added", "enum option removed")
    if reply:
        return Verdict(_BETTER, "the options of the reply changed")
    return (
        Verdict("breaking", "other values are refused now") if worse else Verdict(_BETTER, "more values are accepted")
    )


def judge_field(*, added: bool, required: bool, reply: bool) -> Verdict:
    """The verdict on a field that came or went."""
    if reply:
        return Verdict(_BETTER, "the reply grew") if added else Verdict("breaking", "the reply no longer has it")
    if not added:
        return Verdict("breaking", "it is no longer part of the request")
    return Verdict("breaking", "new and required") if required else Verdict(_BETTER, "new and optional")
