"""The reference lists every public name, and the settings every argument of a client."""

from __future__ import annotations

import inspect
import pkgutil
import re
from typing import Literal, get_origin

import pytest

import modellix
from modellix import settings, testing
from tests.papers.texts import PAPERS, in_code

PAGES = "\n".join(PAPERS[f"docs/{paper}.md"] for paper in ("reference", "models", "errors"))
REFERENCE = set(re.findall(r"^- `(\S+)`$", PAGES, re.MULTILINE))


def test_the_reference_lists_every_public_name() -> None:
    """Those of the models come by themselves: docs/conf.py."""
    public = {f"modellix.{name}" for name in modellix.__all__ if name != "__version__"}
    public |= {f"modellix.testing.{name}" for name in testing.__all__}
    assert public - REFERENCE == set()


def test_every_name_of_the_reference_is_there() -> None:
    for name in REFERENCE - {"client.PROVIDER.MODEL(…)"}:
        value = pkgutil.resolve_name(name)
        assert get_origin(value) is Literal or inspect.getdoc(value), name


def test_what_a_stand_in_has_is_in_its_help() -> None:
    attributes = {name for name in vars(testing.StandIn()) if not name.startswith("_")}
    _, _, told = (inspect.getdoc(testing.StandIn) or "").partition("Attributes:\n")
    assert attributes == set(re.findall(r"^ +(\w+): ", told, re.MULTILINE))


@pytest.mark.parametrize("kind", [modellix.Modellix, modellix.AsyncModellix])
def test_every_setting_is_among_the_settings(kind: type) -> None:
    told = " ".join(in_code(PAPERS["docs/settings.md"]))
    arguments = set(inspect.signature(kind).parameters)
    assert [one for one in arguments if not re.search(rf"\b{one}\b", told)] == []
    assert {settings.KEY_VARIABLE, settings.BASE_URL_VARIABLE} <= set(re.findall(r"\w+", told))
