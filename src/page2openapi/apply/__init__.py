"""Writes what drifted into openapi/modellix.yaml, and says what is left for a hand."""
