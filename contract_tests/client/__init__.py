"""The tests of the generated client."""
