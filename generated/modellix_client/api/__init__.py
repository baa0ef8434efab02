# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""One folder per tag and one module per operation, with `sync`, `sync_detailed`, `asyncio` and `asyncio_detailed`."""
