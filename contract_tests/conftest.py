"""Loads the pytest plugin of the contract tests. From here its fixtures are for this folder alone."""

from contract_tests.harness.fixtures import *  # noqa: F403  # pytest looks for fixtures among the names of a conftest
from contract_tests.harness.plugin import pytest_addoption, pytest_configure  # noqa: F401  # and for hooks
