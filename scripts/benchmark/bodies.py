"""What all peers send: the same body, with as many options as the document's examples show, to the same path."""

from __future__ import annotations

from typing import Any

from modellix_client.models import GptImage2Request
from modellix_client.operations import GET_TASK, document

KEY = "test-key"
HEADERS = {"Authorization": f"Bearer {KEY}"}
OPERATION = GptImage2Request.OPERATION
ROOT = "/api/v1"
PATH = ROOT + OPERATION.path
TASKS = ROOT + GET_TASK.path.rpartition("/")[0]

_CONTENT = document()["paths"][OPERATION.path]["post"]["requestBody"]["content"]["application/json"]
BODY: dict[str, Any] = max((example["value"] for example in _CONTENT["examples"].values()), key=len)
