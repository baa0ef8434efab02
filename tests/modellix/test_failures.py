"""Which exceptions are the network's, or tell what a download may ask of it, and which are somebody else's."""

from __future__ import annotations

import errno
import ssl

import httpx
import pytest

from modellix import ConfigurationError
from modellix._core.url_policy import AddressRefused
from modellix._io.failures import download_failure, is_proxys

OWN = [
    httpx.ReadError("cut"),
    httpx.ConnectTimeout("slow"),
    ConnectionResetError(errno.ECONNRESET, "reset"),
    ssl.SSLError("no certificate"),
    AddressRefused("10.0.0.1"),
    ConfigurationError("no certificates"),
]


def by_name(error: BaseException) -> str:
    return type(error).__name__


def _from_the_proxys_parser() -> Exception:
    """As httpcore lets it through: a class of socksio."""
    return type("ProtocolError", (Exception,), {"__module__": "socksio.exceptions"})("nonsense")


@pytest.mark.parametrize("error", OWN, ids=by_name)
def test_a_failure_of_the_network_stays_what_it_is(error: Exception) -> None:
    assert download_failure(error) is error
    assert not is_proxys(error)


@pytest.mark.parametrize("error", [ValueError("mine"), OSError("mine"), TimeoutError("mine")], ids=by_name)
def test_any_other_exception_is_somebody_elses(error: Exception) -> None:
    assert download_failure(error) is None


def test_nonsense_of_a_proxy_becomes_an_error_of_the_proxy() -> None:
    error = _from_the_proxys_parser()
    assert is_proxys(error)
    failure = download_failure(error)
    assert isinstance(failure, httpx.ProxyError)
    assert str(failure) == "nonsense"
