"""What an exception has with it when it reaches the caller."""

from __future__ import annotations

import pytest

from modellix import ConstraintError, JournalError, ModellixError
from modellix._core.error_notes import naming, set_known


@pytest.mark.parametrize("error", [JournalError("no"), ConstraintError([])], ids=lambda error: type(error).__name__)
def test_an_error_names_the_reference(error: ModellixError | ConstraintError) -> None:
    with pytest.raises(type(error)), naming("order-1"):
        raise error
    assert error.reference == "order-1"


def test_what_is_known_travels_on_any_exception() -> None:
    interruption = KeyboardInterrupt()
    set_known(interruption, "what is known")
    assert interruption.modellix_submission == "what is known"  # type: ignore[attr-defined]
