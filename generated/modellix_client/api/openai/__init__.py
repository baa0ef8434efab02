# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Contains endpoint functions for accessing the API"""
