"""What a file of tests says of all its tests: what they run on, and which run they belong to."""

from __future__ import annotations

import os

import pytest

# asyncio, anyio and httpcore 1.0.9 leave a socket to the garbage collector when a TLS handshake is cut short or
# cancelled; it would warn in some later test.
LEFT_OPEN = "ignore:unclosed (<socket|<ssl|transport|event loop):ResourceWarning"

#: Of the network, on real sockets, with an authority of our own. `nox -s faults` runs them all; those that are slow
#: are left out of `nox -s tests`, which is to stay under a minute.
ON_SOCKETS = [
    pytest.mark.usefixtures("own_authority", "leftovers"),
    pytest.mark.filterwarnings(LEFT_OPEN),
    pytest.mark.faults,
]

#: On a virtual clock: nothing really sleeps, but where a test asks for `real_time`.
VIRTUAL = [pytest.mark.usefixtures("no_real_sleep")]

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="because this system has no fork")

#: The test takes `is_async`.
BOTH = pytest.mark.parametrize("is_async", [False, True], ids=["Modellix", "AsyncModellix"])
