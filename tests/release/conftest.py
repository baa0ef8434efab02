"""Repositories of these tests, with the git of the tests' own."""

from tests.propose.conftest import own_git, repo

__all__ = ["own_git", "repo"]
