"""Faults of the stand-in, for each operation of the document; a sample of them is tried over HTTP as well."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path

from contract_tests.model.document import contract
from contract_tests.model.promises import all_promises
from modellix.testing import StandIn
from scripts.mutants.catalogue import (
    stand_in_addresses,
    stand_in_company,
    stand_in_http,
    stand_in_keys,
    stand_in_limits,
    stand_in_replies,
    stand_in_tasks,
)
from scripts.mutants.catalogue.choices import API
from scripts.mutants.mutant import Mutant

SAMPLE = 20  # mutants that are tried over HTTP

_served = ExitStack()  # what is served until the process ends


def mutants() -> Iterator[Mutant]:
    """All faults, and the sample."""
    in_process = list(_in_process())
    yield from in_process
    yield from map(over_http, sample(in_process))


def _in_process() -> Iterator[Mutant]:
    document = contract()
    for operation in document.submissions:
        yield from stand_in_limits.mutants(document, operation)
        yield from stand_in_company.mutants(document, operation)
        yield from stand_in_tasks.mutants(document, operation)
        yield from stand_in_addresses.mutants(document, operation)
        yield from stand_in_http.mutants(document, operation)
    yield from stand_in_tasks.mutants_of_reads(document)
    yield from stand_in_addresses.mutants_of_reads(document)
    for operation in document.operations:
        yield from chain(stand_in_keys.mutants(document, operation), stand_in_replies.mutants(document, operation))


def sample(mutants: list[Mutant]) -> list[Mutant]:
    """Some of every kind: of those that a live API could show, each one after as many others."""
    shown = [one for one in mutants if one.files == (API,) and _is_seen_live(one)]
    step = max(1, len(shown) // SAMPLE)
    return shown[step // 2 :: step][:SAMPLE]


def _is_seen_live(mutant: Mutant) -> bool:
    """Not what only a search finds, nor what is slow to show: a task that never ends."""
    kinds = {promise.rpartition(".")[2] for promise in mutant.expects}
    is_live = all(all_promises()[promise].tag == "live" for promise in mutant.expects)
    return is_live and not kinds & {"ends", "valid", "broken", "history", "conformance", "unknown"}


def over_http(mutant: Mutant) -> Mutant:
    """The same fault in a stand-in that is served on loopback."""

    def apply() -> None:
        mutant.apply()
        serve()

    return replace(mutant, name=f"{mutant.name}, over HTTP", apply=apply, is_over_http=True)


def serve() -> None:
    """Serves the stand-in for as long as the process lives, and has a live run find it there.

    What such a run writes (its purchase log, its results) goes to a folder of its own.
    """
    from contract_tests.harness import results  # the ones that pytest imports as well

    os.chdir(tempfile.mkdtemp())
    results.FOLDER = Path.cwd()
    os.environ["MODELLIX_BASE_URL"] = _served.enter_context(StandIn(stand_in_keys.KEY).serve())
    os.environ["MODELLIX_API_KEY"] = stand_in_keys.KEY
