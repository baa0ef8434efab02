"""Near misses of a task's id."""

from __future__ import annotations

import re
from uuid import UUID

LONG_ID = 500  # digits behind an id: more than a column of a table holds
OTHER_SEPARATORS = str.maketrans("-_", "_-")


def near_ids(task_id: str) -> list[str]:
    """What lookups by beginning, after trimming or by pattern would take for the id, and what those that build a query
    of it or of its bytes stumble over. Not the same id in other letters, or a UUID without its dashes: nobody promises
    that those are others.
    """
    bare = "".join(character for character in task_id if character.isalnum() and not _is_uuid(task_id))
    forms = ("{}x", "x{}", "{} ", " {}", "{}\n", "{}\0", '"{}"', "{0},{0}", "{}.json", "{}/x", "{}'", "{}é")
    around = [*(form.format(task_id) for form in forms), task_id + "0" * LONG_ID]
    around += [task_id.translate(OTHER_SEPARATORS), *re.split("[-_.:]", task_id, maxsplit=1)[1:]]
    turned = (task_id[::-1], bare, "*", "%")
    cut = (task_id[:-1], task_id[1:], task_id[: len(task_id) // 2], task_id[:-1] + "~", "~" + task_id[1:])
    return [*cut, *around, *turned]


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def is_plain(text: str) -> bool:
    """Whether nobody could say that this is no id at all."""
    return text.isascii() and len(text) < LONG_ID and text.replace("-", "").replace("_", "").isalnum()
