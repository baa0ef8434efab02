"""The mutants. Where a new one goes:

    what any limit may be instead, for stand-in, document and generated client    limits
    what the stand-in takes for right all the same; beside some option alone      stand_in_limits, near_misses;
                                                                                  stand_in_company
    keys and bodies that are no JSON; addresses of operations                     stand_in_keys, stand_in_addresses
    replies and refusals; the history of tasks                                    stand_in_replies, stand_in_tasks
    a slip that only pages show; what stands at an operation of the document      document, document_operations
    a slip at a model whose page nobody typed                                     document_untyped
    a field or method of the generated client; its plain functions; its replies   generated, generated_functions,
                                                                                  generated_replies
    any line of the client, or of the generated client's checks                   `@kills` above the test that finds it

Nearly all are rows of a table: what is different in few words, a sentence, and the change. How a change gets into the
stand-in is in patches, what a reply says instead in rewrites, how lines are changed in scripts/mutants/edits.
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
