"""Processes that tests start."""

from __future__ import annotations

import multiprocessing

FORK = multiprocessing.get_context("fork")
