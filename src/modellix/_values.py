"""What a value must look like, whoever gives it: a number of seconds, a count, a time, a task's id, a host that is this
one.
"""

from __future__ import annotations

import datetime
import ipaddress
import unicodedata
from typing import Any

from modellix.errors import ConfigurationError, shorten

LONGEST_SECONDS = 1e8  # three years; sockets and locks cannot wait for much longer
LONGEST_TASK_ID = 512  # characters

#: Not the mapped form (::ffff:127.0.0.1): Linux connects it, Windows and some BSDs do not.
_LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))


def require_seconds(name: str, value: Any) -> float:
    """The value as seconds: a number from 0 to three years. Raises ConfigurationError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:
        raise ConfigurationError(f"{name} must be a number of seconds, 0 to {LONGEST_SECONDS:g}, not {shorten(value)}")
    return float(value)


def require_count(name: str, value: Any, least: int = 0) -> int:
    """The value as a count: a whole number of at least `least`. Raises ConfigurationError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{name} must be a whole number, {least} or more, not {shorten(value)}")
    return value


def require_task_id(value: object) -> str:
    """The id, if it can stand in a path. Raises ConfigurationError."""
    if not is_usable_id(value):
        raise ConfigurationError(
            f"a task id is a string of 1 to {LONGEST_TASK_ID} characters without control characters, "
            f"not {shorten(value)}"
        )
    return str(value)


def is_usable_id(value: object) -> bool:
    """Can this name a task in a path: a string, not too long, no control characters, not `.` or `..`?"""
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TASK_ID or value in (".", ".."):
        return False
    return value.isprintable() or not any(unicodedata.category(one) in ("Cc", "Cs") for one in value)


def when(milliseconds: object) -> datetime.datetime | None:
    """Epoch milliseconds as a UTC time; None when they are none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)
    except (OverflowError, OSError, ValueError):
        return None


def is_loopback(host: str) -> bool:
    """Is it this machine, plainly spelled: `localhost`, 127.0.0.0/8 or ::1?"""
    try:
        return is_loopback_address(ipaddress.ip_address(host))
    except ValueError:
        return host.lower() == "localhost"


def is_loopback_address(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Does the address lead to this machine?"""
    return any(ip in network for network in _LOOPBACK)
