"""The mutants. Where a new one has its place:

    a limit, option or address of requests, wrongly judged by the stand-in    stand_in_limits, with nearly
    keys and bodies that are no JSON; addresses of operations                 stand_in_keys, stand_in_addresses
    replies and refusals; the life of tasks                                   stand_in_replies, stand_in_tasks
    a keyword of the document; what stands at an operation of it              document, document_operations
    a limit, field or method of the client; its functions; its replies        client, client_functions, client_replies
    the client over it: money, secrets, waits, files                          `@kills` above the test that finds it

Nearly all are rows of a table: what is different in few words, a sentence, and the change. How a change gets into the
stand-in is in patches, how into a function's lines in scripts/mutants/edits.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from scripts.mutants.catalogue import beside_tests, document, generated, stand_in
from scripts.mutants.mutant import Mutant


@lru_cache(maxsize=1)
def all_mutants() -> tuple[Mutant, ...]:
    """Every mutant, in a fixed order. ValueError when two have the same name."""
    made = (*stand_in.mutants(), *document.mutants(), *generated.mutants(), *beside_tests.mutants())
    repeated = [name for name, count in Counter(one.name for one in made).items() if count > 1]
    if repeated:
        raise ValueError(f"two mutants are called {repeated[0]}")
    return made
