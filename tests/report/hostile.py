"""Texts that a broken or hostile API could answer with, put wherever the results hold a text of others."""

from __future__ import annotations

from typing import Any

from .makers import mutants, results

SCRIPT = "</script><script>document.title='taken'</script>"
IMAGE = "<img src=x onerror=\"document.title='taken'\">"
MARKDOWN = "![x](https://evil.example/x.png) [a](javascript:alert(1)) | `b` **c** @everyone\n# heading"
DIRECTION = "abc\u202egnp.exe\u2066\u200f"
CONTROLS = "\0\x1b[31m\ud800\ufffe"
CDATA = "]]>&lt;&#0; <!--headline--> <!--data--> {{7*7}} ${7*7}"
WIDE = "W" * 20 + "漢" * 400
LONG = "".join(f"{number} " for number in range(150_000))  # about a megabyte

HOSTILE = f"{SCRIPT}{IMAGE}{MARKDOWN}{DIRECTION}{CONTROLS}{CDATA}"


def hostile_results(broken: str) -> dict[str, Any]:
    """A run in which one promise broke, every text of which is hostile."""
    run = results(broken=[broken])
    for number, test in enumerate(run["tests"]):
        text = LONG if number == 0 else [HOSTILE, WIDE][number % 2]
        for exchange in test["exchanges"]:
            exchange["sent"] = f"POST /api/v1/{text} {text}"
            exchange["reply"] = text
        if test["outcome"] == "failed":
            test["reason"] = HOSTILE
            test["id"] = f"contract_tests/api/test_x.py::test_refused[{HOSTILE}{number}]"
    return {**run, "origin": f"https://api.example/{HOSTILE}"}


def hostile_mutants() -> dict[str, Any]:
    """Faults whose names and sentences are hostile."""
    run = mutants(survivors=1)
    for mutant in run["mutants"][:3]:
        mutant["name"] = mutant["name"] + HOSTILE
        mutant["sentence"] = mutant["class"] = HOSTILE
    return run
