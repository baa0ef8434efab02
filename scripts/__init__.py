"""Commands for the upkeep of this repository, each run as `python -m scripts.NAME`."""
