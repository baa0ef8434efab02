"""`client.openai.gpt_image_2`: what it shows of itself, and what is imported when it is used."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys
from typing import get_type_hints

import pytest

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix import AsyncModellix, Modellix
from modellix_client.submissions import SUBMISSIONS, request_model

NAMESPACE, METHOD, _, MODULE = SUBMISSIONS[good.GENERATE.operation_id]
LISTED = """
import sys
from modellix import Modellix
print(*sys.modules)
client = Modellix("key", base_url="http://127.0.0.1:9")
used = getattr(getattr(client, sys.argv[1]), sys.argv[2])
print(*sys.modules)
"""


@pytest.fixture(params=[Modellix, AsyncModellix])
def client(request: pytest.FixtureRequest) -> Modellix | AsyncModellix:
    made: Modellix | AsyncModellix = request.param("key", base_url="http://127.0.0.1:9")
    return made


def test_every_submission_is_in_the_table() -> None:
    assert list(SUBMISSIONS) == [one.operation_id for one in contract().submissions]
    for name in SUBMISSIONS:
        assert request_model(name).OPERATION.operation_id == name


def test_namespaces_and_methods_are_listed_and_kept(client: Modellix | AsyncModellix) -> None:
    namespace = getattr(client, NAMESPACE)
    assert NAMESPACE in dir(client)
    assert {one.method for one in SUBMISSIONS.values() if one.namespace == NAMESPACE} <= set(dir(namespace))
    assert getattr(client, NAMESPACE) is namespace
    assert getattr(namespace, METHOD) is getattr(namespace, METHOD)
    assert not hasattr(namespace, "copy")


def test_a_namespace_shows_its_methods(client: Modellix | AsyncModellix) -> None:
    namespace = getattr(client, NAMESPACE)
    methods = [one.method for one in SUBMISSIONS.values() if one.namespace == NAMESPACE]
    assert repr(namespace) == f"{type(namespace).__name__}({', '.join(methods)})"


def test_a_method_tells_its_arguments(client: Modellix | AsyncModellix) -> None:
    method = getattr(getattr(client, NAMESPACE), METHOD)
    parameters = inspect.signature(method).parameters
    assert list(parameters) == [good.attribute(name) for name in contract().fields(good.GENERATE)]
    assert {one.kind for one in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert get_type_hints(type(method).__call__).keys() == {*parameters, "return"}
    for told in (pydoc.render_doc(method), pydoc.render_doc(getattr(client, NAMESPACE))):
        assert good.GENERATE.node["summary"] in told


def test_a_method_shows_its_text_once_and_what_may_be_left_out(client: Modellix | AsyncModellix) -> None:
    method = getattr(getattr(client, NAMESPACE), METHOD)
    told = pydoc.render_doc(method)
    page = good.GENERATE.node["externalDocs"]["url"]
    assert told.count(page) == str(inspect.getdoc(method)).count(page) == 1
    assert f"<{NAMESPACE}.{METHOD}(*, {good.attribute(good.TEXT)}, " in told
    assert f"{good.attribute(good.SIZE)}=UNSET" in repr(method)
    assert " at 0x" not in told


def test_a_method_gives_its_limits_as_a_copy(client: Modellix | AsyncModellix) -> None:
    method = getattr(getattr(client, NAMESPACE), METHOD)
    name, text = good.attribute(good.TEXT), good.field(good.TEXT, good.GENERATE)
    assert method.limits[name]["maxLength"] == text["maxLength"]
    method.limits[name]["maxLength"] = 0
    assert method.limits[name]["maxLength"] == text["maxLength"]


def test_a_wrong_name_is_told_with_close_ones(client: Modellix | AsyncModellix) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{METHOD}s'; close names: .*{METHOD}"):
        getattr(getattr(client, NAMESPACE), f"{METHOD}s")
    with pytest.raises(AttributeError, match=f"no attribute '{NAMESPACE}s'; close names: {NAMESPACE}"):
        getattr(client, f"{NAMESPACE}s")


def test_what_is_not_used_is_not_imported() -> None:
    command = [sys.executable, "-c", LISTED, NAMESPACE, METHOD]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported, used = (set(line.split()) for line in done.stdout.splitlines())
    models = {f"modellix_client.{part}.{one.module}" for one in SUBMISSIONS.values() for part in ("models", "limits")}
    assert not imported & {*models, f"modellix_client.namespaces.{NAMESPACE}"}
    assert not imported & {"modellix.journal.sql", "modellix.journal.sqlite", "httpx_retries", "sqlite3", "asyncio"}
    assert not imported & {
        "attrs",
        "httpcore",
        "modellix.settings",
        "modellix._core.attempt",
        "modellix._io.sync_driver",
    }
    assert {"attrs", "modellix._io.sync_driver"} <= used
    assert not used & {"httpcore", "modellix._core.scheduler", "modellix._core.rows", "modellix.journal.stored"}
    assert models & used == {f"modellix_client.models.{MODULE}"}
