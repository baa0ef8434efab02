"""Tests of what is built here; those of the API are in contract_tests/."""
