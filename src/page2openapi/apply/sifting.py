"""Pages that prevent a client are left out: by the places that refusals name, and by halves where they name none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from page2openapi.apply.application import Application, say_refused
from page2openapi.index.progress import Progress
from page2openapi.page import Page
from scripts.regenerate.refusal import Refusal

Make = Callable[[Sequence[Page], bool], Application]  # `True` says how far it is on the way


def sifted(pages: Sequence[Page], make: Make, *, counted: bool) -> Application:
    """The application of the pages from which a client can be generated; says why of each other.

    Its verdict has a reason when no choice of pages gives a client.
    """
    application = _by_place(pages, make, counted=counted)
    if application.verdict.reason is None or len(application.given) == 1:
        return application
    if before := application.judged_before():  # No choice of pages would help.
        application.verdict.reason = before
        return application
    progress = Progress("looking for pages that prevent a client", len(application.given) if counted else 0)
    return _by_place(_by_halves(application, make, progress), make)


def _by_place(pages: Sequence[Page], make: Make, *, counted: bool = False) -> Application:
    application = make(pages, counted)
    while refused := {id(page) for page in application.refused()}:
        application = make([page for page in application.given if id(page) not in refused], False)
    return application


def _by_halves(application: Application, make: Make, progress: Progress) -> list[Page]:
    """The pages that are not to blame for the reason of their application."""
    pages = application.given
    if application.verdict.reason is None:
        progress.step(len(pages))
        return list(pages)
    if len(pages) == 1:
        progress.step()
        progress.stop()
        say_refused(pages[0], Refusal("", application.verdict.reason))
        return []
    half = len(pages) // 2
    parts = (_by_place(part, make) for part in (pages[:half], pages[half:]))
    return [page for part in parts for page in _by_halves(part, make, progress)]
