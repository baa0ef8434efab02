"""Whether a client can be generated from a document that is about to be written."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

from page2openapi.apply.yaml_edit import plain
from scripts.regenerate.checks import check
from scripts.regenerate.generation import generate
from scripts.regenerate.reading import read_document
from scripts.regenerate.refusal import Refusal, one_line


def why_not(text: str, root: Any, name: str, *, generating: bool = True) -> str | None:
    """Why a text is not to be written, None when the client can be generated from it. `root` is what it should say.

    The document is validated with openapi-spec-validator on the way.
    """
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Libraries have views on patterns and fields; the checks are ours.
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8", newline="")
        try:
            document = read_document(path)
            if document != plain(root):
                return "what would be written would not be read back the same"
            check(document)
            if generating:
                generate(document, name, Path(folder) / "modellix_client")
        except Refusal as refusal:
            return one_line(f"{refusal.place or 'document'}: {refusal.reason}")
        except (Exception, RecursionError) as error:  # A page may break the tools in ways that nobody thought of.
            return one_line(f"{type(error).__name__}: {error}")
    return None


def why_not_valid(text: str, root: Any, name: str) -> str | None:
    """The same without generating the client, which takes longest."""
    return why_not(text, root, name, generating=False)
