"""The stand-in API: what the service is documented to do, in process or on loopback, for tests and demos.

    from modellix.testing import StandIn

    stand_in = StandIn()
    with stand_in.mock():              # every httpx client now talks to the stand-in, sync and async
        ...
    with stand_in.serve() as origin:   # or a real server at http://127.0.0.1:PORT, for any HTTP client
        ...

`check_journal(factory)` is the kit that a journal of your own must pass.

`python -m modellix.testing` runs the server alone. The stand-in needs `pip install modellix-client[testing]`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modellix.testing.core import StandIn
    from modellix.testing.faults import CutAfter
    from modellix.testing.fixtures import ServedStandIn
    from modellix.testing.journal_kit import check_journal
    from modellix.testing.records import Request, Submission
    from modellix.testing.replies import Answer
    from modellix.testing.scripts import Kind

_HOME_OF = {
    "Answer": "replies",
    "CutAfter": "faults",
    "Kind": "scripts",
    "Request": "records",
    "ServedStandIn": "fixtures",
    "StandIn": "core",
    "Submission": "records",
    "check_journal": "journal_kit",
}

__all__ = ["Answer", "CutAfter", "Kind", "Request", "ServedStandIn", "StandIn", "Submission", "check_journal"]


if not TYPE_CHECKING:  # A checker that saw it would take any name for one of ours.

    def __getattr__(name: str) -> Any:
        """Imported when first used: the kit needs none of what the stand-in needs."""
        if name not in _HOME_OF:
            raise AttributeError(f"module 'modellix.testing' has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f"modellix.testing.{_HOME_OF[name]}"), name)
        return value
