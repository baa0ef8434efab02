"""Key and address: where they come from and what they must look like. Messages never show the key, nor a URL's
credentials.
"""

from __future__ import annotations

import os
from urllib.parse import SplitResult, urlsplit

from modellix._http import httpx
from modellix._records import field, frozen
from modellix._values import is_loopback
from modellix.errors import ConfigurationError, shorten
from modellix_client.operations import SERVER_URL

KEY_VARIABLE = "MODELLIX_API_KEY"
BASE_URL_VARIABLE = "MODELLIX_BASE_URL"


@frozen
class Settings:
    """Where requests go, and as whom. `origin` is scheme, host and port; `prefix` the path that the document puts
    before each operation.
    """

    api_key: str = field(repr=False)
    origin: str
    prefix: str = urlsplit(SERVER_URL).path.rstrip("/")

    @property
    def api_root(self) -> str:
        """What the path of an operation is appended to."""
        return self.origin + self.prefix


def read_settings(api_key: str | None, base_url: str | None) -> Settings:
    """Arguments win over the environment; the address falls back to the document's server. Raises
    ConfigurationError.
    """
    key = api_key if api_key is not None else os.environ.get(KEY_VARIABLE)
    address = base_url if base_url is not None else os.environ.get(BASE_URL_VARIABLE) or None
    return Settings(
        api_key=check_key(key), origin=check_origin(address if address is not None else _documented_origin())
    )


def check_key(key: object) -> str:
    """The key, if it can stand in a header. The message never shows it."""
    if key is None or key == "":
        raise ConfigurationError(f"no API key: pass api_key=… or set {KEY_VARIABLE}")
    if not isinstance(key, str):
        raise ConfigurationError(f"api_key must be a string, not {type(key).__name__}")
    if not all("!" <= character <= "~" for character in key):
        raise ConfigurationError("the API key holds white space, control or non-ASCII characters: was it copied whole?")
    return key


def check_origin(address: object) -> str:
    """The address as `scheme://host[:port]`; plain http only for a loopback host. Raises ConfigurationError."""
    if not isinstance(address, str):
        raise ConfigurationError(f"base_url must be a string, not {type(address).__name__}")
    parts = _split(address)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("base_url must not hold credentials; the key is given as api_key")
    if parts.path not in ("", "/") or "?" in address or "#" in address:
        raise ConfigurationError(
            f"base_url must be an origin without path or query, such as https://host, not {_shown(address)}"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ConfigurationError(f"base_url must use https ({_shown(address)}); plain http is for loopback hosts only")
    return f"{parts.scheme}://{parts.netloc}"


def _split(address: str) -> SplitResult:
    wrong = ConfigurationError(f"base_url must be an https origin such as https://host, not {_shown(address)}")
    if any(character <= " " or character == "\x7f" or character == "\\" for character in address):
        raise wrong
    try:
        parts = urlsplit(address)
        port_is_valid = parts.port is None or parts.port > 0
        _ = httpx.URL(address).host  # read, because only then is an international name decoded
    except (ValueError, httpx.InvalidURL):
        raise wrong from None
    if parts.scheme not in ("https", "http") or not parts.hostname or not port_is_valid:
        raise wrong
    return parts


def _shown(address: str) -> str:
    """The address without what may be secret in it: credentials and a query."""
    bare = address.partition("?")[0].partition("#")[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return shorten(scheme + mark + ("…@" + host.rpartition("@")[2] if "@" in host else host) + slash + path)


def _documented_origin() -> str:
    parts = urlsplit(SERVER_URL)
    return f"{parts.scheme}://{parts.netloc}"
