"""What a signal handler raises looks like anything else: here it is told apart from what the system raises."""

from __future__ import annotations

import ssl


def is_foreign(error: BaseException) -> bool:
    """Did a signal handler raise this OSError (or TimeoutError)? The system gives its own a number."""
    return isinstance(error, OSError) and error.errno is None and not isinstance(error, ssl.SSLError)


def is_proxys(error: Exception) -> bool:
    """Did a SOCKS proxy send nonsense? httpcore lets its parser's own error through."""
    return type(error).__module__.startswith("socksio")
