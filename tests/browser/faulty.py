"""A pytest plugin that makes the stand-in wrong in one thing, and leaves the results of the run in another folder.

`python -m pytest -p tests.browser.faulty contract_tests/api`, with the folder in the variable REPORT_FOLDER.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

REQUEST = "GptImage2EditRequest"


def pytest_configure(config: pytest.Config) -> None:
    """Once the project's packages can be imported."""
    from contract_tests.harness import results
    from contract_tests.model import good
    from modellix.testing import core
    from modellix.testing.contract import contract_of
    from modellix_client.operations import document

    settings.load_profile("live")  # a find need not be made small: that takes a minute
    results.FOLDER = Path(os.environ["REPORT_FOLDER"])
    wrong = contract_of(with_fault(document(), good.EDIT_TEXT))
    pytest.MonkeyPatch().setattr(core, "shipped_contract", lambda: wrong)  # which objects to a name that is gone


def with_fault(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The document with a limit that lets one character too many pass, in one operation only."""
    schemas = document["components"]["schemas"]
    field = schemas[REQUEST]["properties"][name]
    limited = schemas[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
    schemas[REQUEST]["properties"][name] = {**limited, "maxLength": limited["maxLength"] + 1}
    return document
