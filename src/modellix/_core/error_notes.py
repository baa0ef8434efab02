"""What is noted on an exception on its way to the caller."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from modellix.errors import ConstraintError, ModellixError


def set_known(interruption: BaseException, known: object) -> None:
    """Set what is known of a submission on what keeps its caller from waiting for it: any exception may carry it."""
    interruption.modellix_submission = known  # type: ignore[attr-defined]


@contextmanager
def naming(reference: str | None) -> Generator[None, None, None]:
    """An error that leaves the block has the reference."""
    try:
        yield
    except (ModellixError, ConstraintError) as error:
        error.reference = reference
        raise
