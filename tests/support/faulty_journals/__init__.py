"""Journals with one fault each, and the promise that it breaks: FAULTS has them all."""

from tests.support.faulty_journals import beginning, ending, leasing
from tests.support.faulty_journals.registry import FAULTS

__all__ = ["FAULTS", "beginning", "ending", "leasing"]
