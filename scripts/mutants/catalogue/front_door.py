"""Faults of the front door, in both clients or in the one that has the lines: money, secrets, reads, waits, files."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.mutants.catalogue.faults import mutants_of
from scripts.mutants.catalogue.front_door_files import FAULTS as FILES
from scripts.mutants.catalogue.front_door_money import FAULTS as MONEY
from scripts.mutants.catalogue.front_door_secrets import FAULTS as SECRETS
from scripts.mutants.catalogue.front_door_waits import FAULTS as WAITS
from scripts.mutants.mutant import Mutant

FAULTS = (*MONEY, *SECRETS, *WAITS, *FILES)


def mutants() -> Iterator[Mutant]:
    """Every fault, once in each client."""
    for fault in FAULTS:
        yield from mutants_of(fault)
