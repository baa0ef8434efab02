"""Which exceptions are the network's; all others are somebody else's, such as those of a signal handler."""

from __future__ import annotations

from modellix._core.url_policy import AddressRefused
from modellix._http import httpx
from modellix.errors import ConfigurationError, is_foreign

_OF_A_DOWNLOAD = (httpx.HTTPError, AddressRefused, ConfigurationError)


def is_proxys(error: Exception) -> bool:
    """Did a SOCKS proxy send nonsense? httpcore lets its parser's own error through."""
    return type(error).__module__.startswith("socksio")


def download_failure(error: Exception) -> Exception | None:
    """What an exception says of the network, or of what a download may ask of it; None for somebody else's."""
    if is_proxys(error):
        return httpx.ProxyError(str(error))
    is_systems = isinstance(error, OSError) and not is_foreign(error)
    return error if is_systems or isinstance(error, _OF_A_DOWNLOAD) else None
