"""Processes that tests start."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import warnings
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess

FORK = multiprocessing.get_context("fork")
LONGEST = 60.0  # seconds that a child may take


def in_child(work: Callable[[], object]) -> str:
    """What the work gives in a child forked now, as text; of an exception its repr."""
    read_end, write_end = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on: threads and fork
        child = os.fork()
    if child == 0:
        try:  # whatever happens, no second pytest goes on from here
            os.write(write_end, _said(work).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end, "rb", buffering=0) as pipe:
        is_heard = bool(select.select([pipe], [], [], LONGEST)[0])
        if not is_heard:
            os.kill(child, signal.SIGKILL)
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said if is_heard else "nothing in time"


def _said(work: Callable[[], object]) -> str:
    try:
        return str(work())
    except BaseException as error:
        return repr(error)


def run_all(children: Iterable[BaseProcess]) -> None:
    """Side by side, each to a good end."""
    started = list(children)
    for child in started:
        child.start()
    for child in started:
        child.join(LONGEST)
        assert child.exitcode == 0
        child.close()
