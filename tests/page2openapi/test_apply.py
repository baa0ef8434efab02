"""`apply`: what is written of a page's drift, and for whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from .applying import BEFORE, REQUESTS, SEED, Apply, comments
from .model_pages import EDIT, GENERATE, changed

pytestmark = pytest.mark.slow

QUALITY = "low,\nmedium,\nhigh"


def test_pages_without_drift_leave_every_byte(apply: Apply) -> None:
    done = apply(GENERATE, EDIT)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert done.text == BEFORE


def test_a_limit_that_one_page_changed_changes_for_its_operation_alone(apply: Apply) -> None:
    done = apply(changed(GENERATE, "1 - 32000", "1 - 10000"))
    assert done.status == 0
    assert done.fields("GptImage2Request")["prompt"]["maxLength"] == 10000
    assert done.fields("GptImage2EditRequest")["prompt"]["maxLength"] == 32000
    assert done.lines == ["-          maxLength: 32000", "+          maxLength: 10000"]


def test_a_limit_that_all_pages_changed_changes_in_each_request(apply: Apply) -> None:
    done = apply(changed(GENERATE, "1 - 32000", "1 - 10000"), changed(EDIT, "1 - 32000", "1 - 10000"))
    assert done.status == 0
    assert done.lines == ["-          maxLength: 32000", "+          maxLength: 10000"] * 2


def test_pages_that_follow_one_another_end_where_they_would_have_together(apply: Apply) -> None:
    pages = [changed(GENERATE, "1 - 32000", "1 - 10000"), changed(EDIT, "1 - 32000", "1 - 10000")]
    together = apply(*pages).text
    apply(pages[0], document=BEFORE)
    assert apply(pages[1]).text == together


def test_a_default_that_one_page_changed_or_dropped_is_kept_for_the_other(apply: Apply) -> None:
    done = apply(changed(GENERATE, "default:low", "default:high"))
    assert done.lines == ["-          default: low", "+          default: high"]
    done = apply(changed(GENERATE, "enum<string>\ndefault:low", "enum<string>"), document=BEFORE)
    assert done.lines == ["-          default: low"]
    assert done.fields("GptImage2EditRequest")["quality"]["default"] == "low"


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("1 - 16 elements", "1 - 8 elements", ["-          maxItems: 16", "+          maxItems: 8"]),
        ("Required array length: 1 - 16 elements", "Minimum array length: 1", ["-          maxItems: 16"]),
        ("string[]\nrequired", "string[]", ["-      required: [images, prompt]", "+      required: [prompt]"]),
        ("string[]\nrequired", "string[]\nrequired\ndeprecated", ["+          deprecated: true"]),
        ("string[]", "string[] | null", ["-          type: array", '+          type: [array, "null"]']),
    ],
    ids=["limit", "limit removed", "optional", "deprecated", "nullable"],
)
def test_each_change_of_a_field_is_its_own_lines(apply: Apply, old: str, new: str, lines: list[str]) -> None:
    done = apply(changed(EDIT, old, new))
    assert (done.status, done.lines) == (0, lines)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (f"{QUALITY},\nultra", ["low", "medium", "high", "ultra"]),
        ("draft,\nlow,\nmedium,\nhigh", ["draft", "low", "medium", "high"]),
        ("low,\nhigh", ["low", "high"]),
        (f"{QUALITY},\non,\n16:9,\n512", ["low", "medium", "high", "on", "16:9", "512"]),
    ],
)
def test_options_come_and_go_as_on_the_pages(apply: Apply, options: str, expected: list[str]) -> None:
    done = apply(changed(GENERATE, QUALITY, options), changed(EDIT, QUALITY, options))
    assert done.status == 0
    assert [done.fields(name)["quality"]["enum"] for name in REQUESTS] == [expected, expected]
    assert len(done.lines) == 4
    older: Any = YAML(typ="safe", pure=True)
    older.version = (1, 1)  # as other readers of YAML still take `on` and `16:9`
    assert older.load(done.text)["components"]["schemas"][REQUESTS[0]]["properties"]["quality"]["enum"] == expected


def test_null_is_an_option_where_it_is_accepted(apply: Apply) -> None:
    done = apply(changed(GENERATE, "enum<string>\ndefault:low", "enum<string> | null\ndefault:low"))
    assert done.fields("GptImage2Request")["quality"]["enum"] == ["low", "medium", "high", None]


def test_a_new_field_stands_where_the_page_has_it(apply: Apply) -> None:
    done = apply(changed(GENERATE, "quality\nenum", f"{SEED}quality\nenum"))
    assert list(done.fields("GptImage2Request")) == ["prompt", "size", "seed", "quality"]
    assert done.fields("GptImage2Request")["seed"] == {
        "description": "For the same picture again",
        "type": "integer",
        "minimum": 0,
        "maximum": 99,
    }
    assert all(line.startswith("+") for line in done.lines)


def test_a_new_last_field_stands_above_the_heading_of_what_follows(apply: Apply) -> None:
    done = apply(changed(EDIT, "Response\n\nTask", f"{SEED}Response\n\nTask"))
    lines = done.text.splitlines()
    assert lines.index("        seed:") < lines.index(
        "    # Replies to submissions: the reply samples and field lists of the two model pages."
    )
    assert comments(done.text) == comments(BEFORE)
    assert lines[lines.index("        seed:") + 5 :][:1] == [""]


def test_a_new_field_of_all_pages_stands_in_each_request(apply: Apply) -> None:
    pages = [changed(page, "quality\nenum", f"{SEED}quality\nenum") for page in (GENERATE, EDIT)]
    done = apply(*pages)
    assert [done.fields(name)["seed"]["maximum"] for name in REQUESTS] == [99, 99]


def test_a_new_required_field_is_required(apply: Apply) -> None:
    done = apply(changed(GENERATE, "quality\nenum", SEED.replace("integer", "integer\nrequired") + "quality\nenum"))
    assert done.document["components"]["schemas"]["GptImage2Request"]["required"] == ["prompt", "seed"]


def test_a_field_that_went_takes_its_limits(apply: Apply) -> None:
    start, end = GENERATE.index("size\nenum"), GENERATE.index("quality\nenum")
    done = apply(GENERATE.replace(GENERATE[start:end], ""))
    assert done.status == 0
    assert [line.split(":")[0] for line in done.lines] == [
        "-        size",
        *(f"-          {keyword}" for keyword in ("description", "type", "enum", "default")),
    ]
    assert comments(done.text) == comments(BEFORE)


WITHOUT_QUALITY = [
    page[: page.index("quality\nenum")] + page[page.index("Response\n\nTask") :] for page in (GENERATE, EDIT)
]
SHARING = re.sub(
    r"(?m)^(        quality:\n)(?:          .*\n)+", r'\1          $ref: "#/components/schemas/Quality"\n', BEFORE
).replace(
    "    GptImage2Request:\n",
    "    Quality:\n      type: string\n      enum: [low, medium, high]\n      default: low\n    GptImage2Request:\n",
)


def test_a_schema_that_requests_share_is_copied_before_it_changes_for_one(apply: Apply) -> None:
    """Somebody may write one."""
    done = apply(changed(GENERATE, QUALITY, "low,\nhigh"), document=SHARING)
    assert done.fields("GptImage2Request")["quality"]["enum"] == ["low", "high"]
    assert done.fields("GptImage2EditRequest")["quality"] == {"$ref": "#/components/schemas/Quality"}
    assert done.document["components"]["schemas"]["Quality"]["enum"] == ["low", "medium", "high"]


def test_a_shared_schema_goes_with_the_last_field_that_used_it(apply: Apply) -> None:
    assert "Quality" in apply(WITHOUT_QUALITY[0], document=SHARING).document["components"]["schemas"]
    assert "Quality" not in apply(WITHOUT_QUALITY[1]).document["components"]["schemas"]


def test_applying_back_and_forth_comes_home(apply: Apply) -> None:
    page = changed(changed(GENERATE, QUALITY, "low,\nhigh"), "quality\nenum", f"{SEED}quality\nenum")
    assert apply(page).text != BEFORE
    assert apply(GENERATE).text == BEFORE
