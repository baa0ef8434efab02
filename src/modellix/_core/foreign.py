"""What a signal handler raises looks like anything else: here it is told apart from what the system raises."""

from __future__ import annotations

import ssl


def is_foreign(error: BaseException) -> bool:
    """Did a signal handler raise this OSError (or TimeoutError)? The system gives its own a number."""
    return isinstance(error, OSError) and error.errno is None and not isinstance(error, ssl.SSLError)
