"""The stand-in API: what the service is documented to do, in process or on loopback, for tests and demos.

    from modellix.testing import StandIn

    stand_in = StandIn()
    with stand_in.mock():              # every httpx client now talks to the stand-in, sync and async
        ...
    with stand_in.serve() as origin:   # or a real server at http://127.0.0.1:PORT, for any HTTP client
        ...

`python -m modellix.testing` runs the server alone. Needs `pip install modellix-client[testing]`.
"""

from modellix.testing.core import StandIn, Submission
from modellix.testing.replies import Answer

__all__ = ["Answer", "StandIn", "Submission"]
