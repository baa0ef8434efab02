"""`apply` with the page of a model that the contract does not have."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import validate

from modellix._openapi import operations
from scripts.regenerate.field_types import type_names
from scripts.regenerate.patterns import python_pattern
from tests.support.timing import today

from .applying import BEFORE, Applied, Apply, comments
from .model_pages import BRUSH, EDIT, GENERATE, changed

pytestmark = pytest.mark.slow

EXPORT = """\
# Brush

## OpenAPI

````yaml POST /studio-nord/brush-1.5-pro/async
openapi: 3.1.0
info:
  title: Modellix
  version: 1.0.0
servers:
  - url: https://api.modellix.ai/api/v1
security:
  - bearerAuth: []
paths:
  /studio-nord/brush-1.5-pro/async:
    post:
      summary: Paint with a brush
      externalDocs:
        url: https://docs.modellix.ai/studio-nord/brush-1.5-pro
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Brush'
      responses:
        '200':
          description: Task accepted
          content:
            application/json:
              schema:
                type: object
components:
  securitySchemes:
    bearerAuth:
      type: http
      scheme: bearer
  schemas:
    Brush:
      type: object
      required: [prompt]
      properties:
        prompt: {type: string, maxLength: 2000, title: Prompt, example: A heron}
        camera: {$ref: '#/components/schemas/Camera'}
        more: {type: array, maxItems: 3, items: {$ref: '#/components/schemas/Camera'}}
    Camera:
      type: object
      required: [lens]
      properties:
        lens: {enum: [wide, 'on', '16:9'], default: wide}
        tilt: {anyOf: [{type: number, minimum: 0}, {type: 'null'}]}
````
"""


def test_it_becomes_an_operation_like_the_others(apply: Apply) -> None:
    before, done = today(), apply(BRUSH)
    assert done.status == 0
    operation = done.document["paths"]["/studio-nord/brush-1.5-pro/async"]["post"]
    other = done.document["paths"]["/openai/gpt-image-2/async"]["post"]
    assert operation["tags"] == ["studio-nord"]
    assert operation["operationId"] == "brush_1_5_pro"
    assert operation["x-source"] in [f"vendor's page page-1.txt, read {day}" for day in (before, today())]
    assert (operation["security"], operation["responses"]) == (other["security"], other["responses"])
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/StudioNordBrush15ProRequest"
    }
    assert [tag["name"] for tag in done.document["tags"]] == ["openai", "studio-nord", "tasks"]
    assert list(done.document["paths"])[-1] == "/tasks/{task_id}"
    validate(done.document)


def test_its_fields_are_those_of_the_page_in_their_order(apply: Apply) -> None:
    fields = apply(BRUSH).fields("StudioNordBrush15ProRequest")
    assert list(fields) == ["prompt", "ratio", "seed", "strength", "tiles", "draft"]
    assert fields["prompt"]["description"] == 'What to paint: light, "mood" and {{ subject }} # in short'
    assert fields["ratio"]["enum"] == ["4:3", "16:9", "on"]
    assert fields["seed"]["type"] == ["integer", "null"]
    assert fields["strength"] == {
        "description": "How far to go",
        "type": "number",
        "default": 0.8,
        "exclusiveMinimum": 0,
        "maximum": 1,
    }


def test_everything_else_stays(apply: Apply) -> None:
    done = apply(BRUSH)
    assert all(line.startswith("+") for line in done.lines)
    assert comments(done.text) == comments(BEFORE)
    added = [line[1:] for line in done.lines]
    assert len(done.text.splitlines()) == len(BEFORE.splitlines()) + len(added)


def test_a_second_apply_finds_nothing_to_do(apply: Apply) -> None:
    once = apply(BRUSH)
    again = apply(BRUSH)
    assert (again.status, again.out, again.text) == (0, "", once.text)


def test_an_export_brings_its_address_and_its_schemas(apply: Apply) -> None:
    done = apply(EXPORT)
    operation = done.document["paths"]["/studio-nord/brush-1.5-pro/async"]["post"]
    assert done.status == 0
    assert operation["externalDocs"]["url"] == "https://docs.modellix.ai/studio-nord/brush-1.5-pro"
    assert operation["x-source"].startswith("vendor's page studio-nord/brush-1.5-pro, read ")
    assert operation["summary"] == "Paint with a brush"
    camera = {
        "type": "object",
        "required": ["lens"],
        "properties": {
            "lens": {"type": "string", "enum": ["wide", "on", "16:9"], "default": "wide"},
            "tilt": {"type": ["number", "null"], "minimum": 0},
        },
    }
    assert done.fields("StudioNordBrush15ProRequest") == {
        "prompt": {"type": "string", "maxLength": 2000},
        "camera": camera,
        "more": {"type": "array", "maxItems": 3, "items": camera},
    }


def test_a_page_without_its_address_is_said_with_the_line_to_edit(apply: Apply) -> None:
    done = apply(BRUSH)
    [line] = [line for line in done.err.splitlines() if "externalDocs" in line]
    place = re.search(r"modellix\.yaml:(\d+): ", line)
    assert place is not None
    assert done.text.splitlines()[int(place[1]) - 1].strip() == "/studio-nord/brush-1.5-pro/async:"


def at(path: str) -> str:
    """The page with another address."""
    return BRUSH.replace("studio-nord/brush-1.5-pro", path).replace("brush-1.5-pro", path.rpartition("/")[2])


def called(done: Applied) -> dict[str, tuple[str, str, str]]:
    """Tag, operationId and request schema of each new operation, by the path without `async`."""
    return {
        operation.path.removesuffix("/async"): (
            operation.tag,
            operation.name,
            operation.node["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2],
        )
        for operation in operations(done.document)
        if f"  {operation.path}:" not in BEFORE
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("text-to-video/kling/kling-v1-t2v", ("kling", "kling_v1_t2v", "KlingV1T2VRequest")),
        ("v2/text-to-image/ByteDance/Seedream-4.5", ("ByteDance", "seedream_4_5", "BytedanceSeedream45Request")),
        ("302ai/3d", ("302ai", "model_3d", "Model302Ai3DRequest")),
        ("submission/submission", ("submission", "submission", "SubmissionSubmissionRequest")),
        ("lambda/import", ("lambda", "import", "LambdaImportRequest")),
        ("wan/wan2.2-i2v-flash", ("wan", "wan2_2_i2v_flash", "Wan22I2VFlashRequest")),
    ],
)
def test_provider_once_and_the_whole_slug_name_it(apply: Apply, path: str, expected: tuple[str, str, str]) -> None:
    done = apply(at(path))
    assert called(done) == {f"/{path}": expected}
    described = {tag["name"] for tag in done.document["tags"] if tag["description"]}
    assert expected[0] in described


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (
            ["alibaba/wan-2", "wan/wan-2", "studio-nord/gpt-image-2"],
            {"AlibabaWan2Request", "Wan2Request", "StudioNordGptImage2Request"},
        ),
        (["text-to-video/x/y", "image-to-video/x/y"], {"XYRequest", "XYTextToVideoRequest"}),
        (["x/wan-2.2", "x/wan-2-2"], {"XWan22Request", "ModelXWan22Bc47B5Request"}),
        (["x/b-1.5", "x/b-15"], {"XB15Request", "ModelXB15Cbcd57Request"}),
    ],
    ids=["one slug at several providers", "kinds of task", "spellings", "one class"],
)
def test_names_do_not_depend_on_the_order_of_pages(apply: Apply, paths: list[str], expected: set[str]) -> None:
    done = [apply(*map(at, order), document=BEFORE) for order in (paths, paths[::-1])]
    names, others = map(called, done)
    assert (list(names), names) == (list(others), others)
    assert {schema for _, _, schema in names.values()} == expected
    assert len({name for _, name, _ in names.values()}) == len(paths)
    said = [line for line in done[0].err.splitlines() if " taken" in line or "could be several" in line]
    assert bool(said)


def test_the_second_kind_of_task_is_a_model_of_its_own(apply: Apply) -> None:
    """The document has the first already, so the page is not one that moved."""
    first = apply(at("text-to-video/x/y"))
    done = apply(at("image-to-video/x/y"), at("text-to-video/x/y"), document=first.text)
    assert called(done) == {
        "/text-to-video/x/y": ("x", "y", "XYRequest"),
        "/image-to-video/x/y": ("x", "x_y", "XYImageToVideoRequest"),
    }
    assert "x_y: client.x.y_image_to_video, because client.x.y could be several operations" in done.err


def test_a_new_model_takes_no_type_from_another(apply: Apply) -> None:
    """The option type of a field `pro_ratio` would be that of the field `ratio` of a model with the end `-pro`."""
    first = apply(changed(at("x/pen"), "ratio\nenum", "pro_ratio\nenum"))
    done = apply(at("x/pen-pro"), document=first.text)
    types = type_names(first.document)
    assert "XPenProRatio" in types.values()
    assert type_names(done.document).items() > types.items()


def test_several_pages_are_several_operations(apply: Apply) -> None:
    done = apply(BRUSH, BRUSH.replace("brush-1.5-pro", "pen"), changed(EDIT, "1 - 16", "1 - 8"), GENERATE)
    assert done.status == 0
    paths = list(done.document["paths"])
    assert paths[2:4] == ["/studio-nord/brush-1.5-pro/async", "/studio-nord/pen/async"]
    assert "-          maxItems: 16" in done.lines


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("api.modellix.ai/api/v1", "api.other.example/v1", "`servers` holds for every operation"),
        ("/studio-nord/brush-1.5-pro/async", "/brush-1.5-pro/async", "does not name a provider and a model"),
        ("/v1/studio-nord/brush", "/v1/studio-nord/../brush", "does not name a provider and a model"),
        ("application/json\n\nprompt", "multipart/form-data\n\nprompt", "its body is not application/json alone"),
        ("Body\n\nappl", "Query Parameters\n\nlevel\ninteger\n\nBody\n\nappl", "it has parameters (level)"),
    ],
    ids=["host", "short path", "climbing path", "content type", "parameter"],
)
def test_what_is_no_submission_like_the_others_is_left_for_a_hand(
    apply: Apply, old: str, new: str, reason: str
) -> None:
    done = apply(changed(BRUSH, old, new))
    assert (done.status, done.text) == (1, BEFORE)
    assert reason in done.err


def test_another_kind_of_key_is_left_for_a_hand(apply: Apply) -> None:
    done = apply(
        changed(EXPORT, "      type: http\n      scheme: bearer", "      {type: apiKey, in: query, name: key}")
    )
    assert (done.status, done.text) == (1, BEFORE)
    assert "it asks for another key" in done.err


HOSTILE = [
    '"]}\\n  evil: &a [*a, *a]\\n--- !!python/object:os.system',
    "{{ 7 * 7 }} {% include '/etc/passwd' %} ${HOME} `id` \"\"\" ''' #{x}",
    "yes: no # : - ? | > ! & * @ %TAG",
    "right \u202eto left\u202c, nothing\u200b, \ufeffmark, line\u2028paragraph\u2029",
    "word " * 5_000,
    "x" * 20_000,
]


def test_whatever_descriptions_say_stays_a_description(apply: Apply) -> None:
    sentences = ["The picture", "Proportions", "The same number", "How far", "Which tiles", "Less care"]
    page = BRUSH.replace("What to paint", "The picture")
    for sentence, words in zip(sentences, HOSTILE, strict=True):
        page = changed(page, sentence, f"Words: {words}")
    done = apply(page)
    said = [field["description"] for field in done.fields("StudioNordBrush15ProRequest").values()]
    assert all(words.isprintable() and words.startswith("Words: ") and len(words) <= 400 for words in said)
    assert max(map(len, done.text.splitlines())) < 600
    assert list(done.fields("StudioNordBrush15ProRequest")) == ["prompt", "ratio", "seed", "strength", "tiles", "draft"]
    assert len(done.document["paths"]) == 4


def test_whatever_an_option_says_stays_an_option(apply: Apply) -> None:
    options = ["*a", "&b", "!c", "- d", "e: f", "{g}", "[h]", "~", "null", "0x10", "1e3", "010", "12:30", "%", '"', "'"]
    done = apply(changed(BRUSH, "4:3,\n16:9,\non", ",\n".join(["4:3", *options])))
    assert done.fields("StudioNordBrush15ProRequest")["ratio"]["enum"] == ["4:3", *options]


def test_fields_nested_without_end_are_left_for_a_hand(apply: Apply) -> None:
    done = apply(
        changed(
            EXPORT,
            "tilt: {anyOf: [{type: number, minimum: 0}, {type: 'null'}]}",
            "tilt: {$ref: '#/components/schemas/Camera'}",
        )
    )
    assert (done.status, done.text) == (1, BEFORE)
    assert "nested without end" in done.err


ADDRESS = """\
picture
string

Where it is

Pattern: {pattern}

"""


def with_pattern(pattern: str) -> str:
    return changed(BRUSH, "ratio\nenum", ADDRESS.format(pattern=pattern) + "ratio\nenum")


def test_a_pattern_is_written_so_that_all_engines_read_it_alike(apply: Apply) -> None:
    page = with_pattern("^https://\\S+[.](png|jpe?g)$")
    done = apply(page)
    written = done.fields("StudioNordBrush15ProRequest")["picture"]["pattern"]
    assert done.status == 0
    assert python_pattern(written) == re.sub(r"\$$", r"\\Z", written)
    assert re.search(written, "https://a.example/b.png")
    assert not re.search(written, "https://a.example/ b.png")
    again = apply(page)
    assert (again.status, again.out, again.text) == (0, "", done.text)


@pytest.mark.parametrize("pattern", ["(?i:https)://", "\\bhttps", "^[\\S]+$"])
def test_a_pattern_that_engines_read_differently_is_left_for_a_hand_alone(apply: Apply, pattern: str) -> None:
    done = apply(with_pattern(pattern))
    assert done.status == 1
    fields = done.fields("StudioNordBrush15ProRequest")
    assert fields["picture"] == {"description": "Where it is", "type": "string"}
    assert list(fields) == ["prompt", "picture", "ratio", "seed", "strength", "tiles", "draft"]
    [line] = [line for line in done.err.splitlines() if "by hand" in line]
    assert re.match(r"page-1\.txt:\d+: .*body\.picture: pattern: .*; by hand: .*write one that all read alike", line)


@pytest.mark.parametrize("pattern", ["^\\d+$", "^(?<!a)b$"])
def test_a_field_that_came_or_changed_has_its_pattern_the_same_way(apply: Apply, pattern: str) -> None:
    """Of a model that the document has: the field comes, then its pattern changes."""
    is_left = "<" in pattern
    done = apply(BRUSH, document=BEFORE)
    for page in (with_pattern(pattern), with_pattern("^a"), with_pattern(pattern)):
        done = apply(page)
        assert done.status == (is_left and page != with_pattern("^a"))
    written = done.fields("StudioNordBrush15ProRequest")["picture"].get("pattern")
    assert written == ("^a" if is_left else "^[0-9]+$")
