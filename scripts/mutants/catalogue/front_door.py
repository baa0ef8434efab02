"""Faults of the front door, each in both clients: money, secrets and journals; reads and waits; files."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.mutants.catalogue.faults import mutants_of
from scripts.mutants.catalogue.front_door_files import FAULTS as FILES
from scripts.mutants.catalogue.front_door_money import FAULTS as MONEY
from scripts.mutants.catalogue.front_door_secrets import FAULTS as SECRETS
from scripts.mutants.catalogue.front_door_waits import FAULTS as WAITS
from scripts.mutants.mutant import Mutant


def mutants() -> Iterator[Mutant]:
    """Every fault, once in each client."""
    for fault in (*MONEY, *SECRETS, *WAITS, *FILES):
        yield from mutants_of(fault)
