"""Tests of what is released: the version, the workflow, the checks."""
