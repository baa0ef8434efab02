"""What can happen to an answer on its way: it never comes, it is cut, it comes late."""

from dataclasses import dataclass
from typing import Literal

CutAfter = Literal["request", "status", "body"]
"""How far an exchange gets: the request alone, status and header of the answer too, or all but its last byte."""


@dataclass(frozen=True)
class Hang:
    """No answer, until the client has had enough or the stand-in ends."""


@dataclass(frozen=True)
class Cut:
    """The connection ends before all of the answer has come."""

    after: CutAfter


@dataclass(frozen=True)
class Delay:
    """The answer begins so many seconds later."""

    seconds: float


Fault = Hang | Cut | Delay
