# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The limits of requests as plain data, one module per request; `schemas` finds what is where."""
