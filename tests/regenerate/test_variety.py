"""Documents of many kinds build, import, and do what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts.regenerate.command import main

from .documents import REPLY, SHIPPED, TASK, document, get, json_body, json_reply, post, submission, write

pytestmark = pytest.mark.slow  # each test generates a package

Build = Callable[..., Path]
Use = Callable[[Path, str], str]

TEXT = {"type": "string"}
FILE = {"type": "string", "format": "binary"}


def thing(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def sending(name: str, content_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    body = {"content": {content_type: {"schema": schema}}}
    return {"post": {"operationId": name, "responses": {"200": REPLY}, "requestBody": body}}


PART = thing("name", name={"type": "string", "maxLength": 3}, inner=ref("Part"))
NESTED = thing(
    "point",
    "when",
    point=thing("x", x={"type": "integer", "minimum": 0}),
    when={"type": "string", "format": "date-time"},
    day={"type": "string", "format": "date"},
    id={"type": "string", "format": "uuid"},
    parts={"type": "array", "items": ref("Part")},
    choice={"anyOf": [ref("Part"), {"type": "integer"}]},
    **{"class": TEXT, "self": TEXT, "Import": TEXT},
)

NOTHING = document()

BODIES = document(
    {
        "/form": sending("form", "application/x-www-form-urlencoded", thing(name=TEXT)),
        "/files": sending("files_", "multipart/form-data", thing(file=FILE, when={"type": "string", "format": "date"})),
        "/file": sending("file", "application/octet-stream", FILE),
        "/list": post({"type": "array", "items": {"type": "integer", "minimum": 1}}, name="list_"),
        "/any": post({}, name="any_"),
        "/text": post({"type": "string", "format": "binary"}, name="text"),
        "/absent": {"put": {**get()["get"], "requestBody": json_body(ref("Part"), required=False)}},
        "/nested": post(ref("Nested"), name="nested"),
        "/beside": post(ref("Beside"), name="beside"),
        "/mixed": post(
            thing(a={"enum": [1, "b", None, 1.5]}, b={"const": 1.5}, c={"type": "integer", "enum": [3, 1]}),
            name="mixed",
        ),
        "/default": post(thing(size={"type": "string", "default": "big"}), name="default"),
        "/choice": post(
            thing(one={"anyOf": [thing("x", x={"type": "integer", "minimum": 0}), {"type": "boolean"}]}), name="choice"
        ),
        "/early": post(ref("Early"), name="early"),
    },
    {
        "Part": PART,
        "Nested": NESTED,
        "Base": thing(base=TEXT),
        "Beside": {"allOf": [ref("Base")], **thing("more", more={"type": "string", "maxLength": 2})},
        "Early": {**thing("a", "unlisted", a=TEXT), "minProperties": 3},
    },
)

USED = ("files", "json", "types", "to_dict")  # by the generated models themselves
NAMES = document(
    {
        "/a": submission("class", name="import", tag="def"),
        "/b": submission("Self", name="self", tag="def"),
        "/t/{task_id}": TASK,
        "/c": get(name="c", tags=["my tag!"]),
        "/d": get(name="with/a/slash", tags=["up/and/away"]),
        "/f/{b}/c": {
            "get": {
                "parameters": [{"name": "b", "in": "path", "required": True, "schema": TEXT}],
                "responses": {"200": REPLY},
            }
        },
    },
    {
        "class": thing(**{"class": TEXT, "self": TEXT, "None": TEXT, "print": TEXT}, **dict.fromkeys(USED, TEXT)),
        "Self": {"type": "object"},
        "..": thing(),
        "a.b": thing(),
    },
)

REPLIES = document(
    {
        "/recursive": get(name="recursive", responses=json_reply(ref("Part"))),
        "/shared": post(ref("Shared"), name="shared", responses=json_reply(ref("Shared"))),
        "/text": get(name="text", responses={"200": {"description": "a", "content": {"text/plain": {"schema": TEXT}}}}),
        "/union": get(
            name="union",
            responses=json_reply({"oneOf": [ref("Part"), {"type": "array", "items": ref("Part")}, {"type": "null"}]}),
        ),
        "/parameters": get(
            name="parameters",
            parameters=[
                {"name": "q", "in": "query", "schema": {"type": "array", "items": TEXT}},
                {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["b", "a"], "default": "a"}},
                {"name": "X-Trace", "in": "header", "schema": TEXT},
                {"name": "session", "in": "cookie", "schema": TEXT},
            ],
        ),
    },
    {
        "Part": PART,
        "Shared": thing("kind", kind={"type": "string", "enum": ["a"]}, more=TEXT),
        "SharedReply": thing(),
    },
    security=[{"key": []}],
    components={"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
)

OLDER = document(
    {"/a": post(ref("A"), responses=json_reply(ref("A")))},
    {
        "A": {
            "nullable": True,
            **thing(
                n={"type": "integer", "nullable": True, "minimum": 1, "exclusiveMinimum": True},
                b={"allOf": [ref("B")], "nullable": True},
            ),
        },
        "B": thing(x=TEXT),
    },
    openapi="3.0.3",
)


def violations(code: str) -> str:
    """Code that prints field and keyword of what making something with `code` violates."""
    return f"""
try:
    {code}
except ConstraintError as error:
    print([(one.field, one.keyword) for one in error.violations])
"""


START = """
import datetime, uuid
from modellix_client.constraints import ConstraintError, check_body
from modellix_client.models import *
"""


@pytest.mark.parametrize("contents", [NOTHING, document({"/a": get()}), document({}, {})])
def test_document_without_submissions_has_none(contents: dict[str, Any], build: Build, use: Use) -> None:
    code = """
from modellix_client import operations, submissions
print(submissions.SUBMISSIONS, hasattr(operations, "GET_TASK"))
"""
    assert use(build(contents), code) == "{} False"


def test_names_of_all_kinds_stay_inside_the_package(build: Build, use: Use) -> None:
    folder = build(NAMES)
    assert [path.name for path in folder.iterdir()] == ["modellix_client"]
    tags = sorted(path.name for path in (folder / "modellix_client" / "api").iterdir() if path.is_dir())
    assert tags == ["def_", "default", "my_tag", "tasks", "upandaway"]
    code = """
from modellix_client.namespaces import Submissions
print(Submissions(lambda request: request.to_dict()).def_.import_(class_="a", self_="b", none="c", print_="d",
    files_="e", json_="f", types_="g", to_dict_="h"))
"""
    told = "'files': 'e', 'json': 'f', 'types': 'g', 'to_dict': 'h'"
    assert use(folder, code) == f"{{'class': 'a', 'self': 'b', 'None': 'c', 'print': 'd', {told}}}"


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of all kinds of bodies."""
    return built(BODIES, tmp_path_factory)


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of all kinds of replies."""
    return built(REPLIES, tmp_path_factory)


def built(contents: dict[str, Any], folders: pytest.TempPathFactory) -> Path:
    folder = folders.mktemp("package")
    assert main(["--document", str(write(folder, contents)), "--output", str(folder / "out")]) == 0
    return folder / "out"


def test_nested_models_check_themselves(bodies: Path, use: Use) -> None:
    code = START + violations("NestedPoint(x=-1)") + violations("Part(name='long')")
    code += violations("Nested.from_dict({'point': {'x': '1'}})")
    assert use(bodies, code).splitlines() == [
        "[('x', 'minimum')]",
        "[('name', 'maxLength')]",
        "[('when', 'required'), ('point.x', 'type')]",
    ]


def test_wire_form_of_nested_models(bodies: Path, use: Use) -> None:
    code = START + """
whole = Nested(point=NestedPoint(x=1), when=datetime.datetime(2026, 1, 2), day=datetime.date(2026, 1, 2),
    id=uuid.UUID(int=1), parts=[Part(name="a", inner=Part(name="b"))], choice=3, class_="c", self_="s")
print(check_body(whole) == whole.to_dict(), check_body(whole))
print(check_body(Nested.from_dict(check_body(whole))) == check_body(whole))
whole.parts.append("no part")
""" + violations("check_body(whole)")  # fmt: skip
    lines = use(bodies, code).splitlines()
    expected = {
        "point": {"x": 1},
        "when": "2026-01-02T00:00:00",
        "day": "2026-01-02",
        "id": "00000000-0000-0000-0000-000000000001",
        "parts": [{"name": "a", "inner": {"name": "b"}}],
        "choice": 3,
        "class": "c",
        "self": "s",
    }
    assert lines == [f"True {expected}", "True", "[('parts[1]', 'type')]"]


def test_what_stands_beside_one_all_of_is_kept(bodies: Path, use: Use) -> None:
    code = START + "print(Beside(more='ab', base='x').to_dict())" + violations("Beside(more='abc')")
    assert use(bodies, code).splitlines() == ["{'more': 'ab', 'base': 'x'}", "[('more', 'maxLength')]"]


def test_defaults_are_never_sent(bodies: Path, use: Use) -> None:
    assert use(bodies, START + "print(DefaultBody().to_dict())") == "{}"


def test_options_of_mixed_types_are_checked(bodies: Path, use: Use) -> None:
    code = START + "print(MixedBody(a=1.5, b=1.5, c=3).to_dict())" + violations("MixedBody(a=True, b=2, c=2)")
    lines = use(bodies, code).splitlines()
    assert lines == ["{'a': 1.5, 'b': 1.5, 'c': 3}", "[('a', 'enum'), ('b', 'const'), ('c', 'enum')]"]


def test_models_inside_a_choice_check_themselves(bodies: Path, use: Use) -> None:
    code = START + "print(check_body(ChoiceBody(one=ChoiceBodyOneType0(x=1))))" + violations("ChoiceBodyOneType0(x=-1)")
    code += violations("ChoiceBody.from_dict({'one': {'x': -1}})")
    lines = use(bodies, code).splitlines()
    assert lines == ["{'one': {'x': 1}}", "[('x', 'minimum')]", "[('one.x', 'minimum')]"]


def test_limits_that_further_properties_can_mend_wait_until_sending(bodies: Path, use: Use) -> None:
    code = START + "early = Early(a='x')" + violations("check_body(early)")
    code += "early['unlisted'] = early['more'] = 1\nprint(len(check_body(early)))"
    assert use(bodies, code).splitlines() == ["[('', 'minProperties'), ('unlisted', 'required')]", "3"]


def test_bodies_that_are_no_models_are_checked_before_sending(bodies: Path, use: Use) -> None:
    code = """
import httpx
from modellix_client import Client, ConstraintError
from modellix_client.api.default import list_, read
sent = []
transport = httpx.MockTransport(lambda request: sent.append(request.content) or httpx.Response(200))
client = Client(base_url="https://example.com", httpx_args={"transport": transport})
list_.sync_detailed(client=client, body=[1])
read.sync_detailed(client=client)
try:
    list_.sync_detailed(client=client, body=[1, 0])
except ConstraintError as error:
    print(error.violations[0].field, sent)
"""
    assert use(bodies, code) == "[1] [b'[1]', b'']"


def test_openapi_3_0_bounds_and_null_are_understood(build: Build, use: Use) -> None:
    code = START + "print(A(n=None).to_dict(), A(n=2, b=None).to_dict())" + violations("A(n=1)")
    lines = use(build(OLDER), code).splitlines()
    assert lines == ["{'n': None} {'n': 2, 'b': None}", "[('n', 'exclusiveMinimum')]"]


def test_replies_are_relaxed_and_requests_are_not(replies: Path, use: Use) -> None:
    code = START + "print(SharedReply2.from_dict({'kind': 'unheard of', 'more': None, 'extra': 1}).to_dict())"
    code += violations("Shared.from_dict({'kind': 'unheard of', 'more': None})")
    lines = use(replies, code).splitlines()
    assert lines == ["{'extra': 1, 'kind': 'unheard of', 'more': None}", "[('kind', 'enum'), ('more', 'type')]"]


def test_options_keep_the_order_of_the_document(replies: Path, use: Use) -> None:
    assert use(replies, START + "print(ParametersKind)") == "typing.Literal['b', 'a']"


def test_security_of_the_document_holds_for_each_operation(replies: Path) -> None:
    code = (replies / "modellix_client" / "api" / "default" / "recursive.py").read_text()
    assert "client: AuthenticatedClient," in code


def test_third_submission_gets_model_method_and_row(build: Build, use: Use) -> None:
    contents = YAML(typ="safe", pure=True).load(SHIPPED.read_text("utf-8"))
    request = thing("prompt", prompt={"type": "string", "minLength": 1}, steps={"type": "integer", "maximum": 9})
    contents["components"]["schemas"]["PaintRequest"] = request
    contents["paths"]["/acme/paint/async"] = submission("PaintRequest", name="paint", tag="acme")
    code = START + """
from modellix_client.namespaces import Submissions
from modellix_client.submissions import SUBMISSIONS, request_model
print(PaintRequest.OPERATION)
print(*SUBMISSIONS["paint"], request_model("paint") is PaintRequest)
print(Submissions(lambda request: request.to_dict()).acme.paint(prompt="a", steps=3))
""" + violations("PaintRequest(prompt='', steps=10)")  # fmt: skip
    folder = build(contents)
    assert use(folder, code).splitlines() == [
        "Operation(operation_id='paint', method='POST', path='/acme/paint/async', tag='acme')",
        "acme paint PaintRequest paint_request True",
        "{'prompt': 'a', 'steps': 3}",
        "[('prompt', 'minLength'), ('steps', 'maximum')]",
    ]
    assert json.loads((folder / "modellix_client" / "openapi.json").read_text("utf-8")) == contents
