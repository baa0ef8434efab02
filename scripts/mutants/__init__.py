"""Mutation testing: small named faults, and whether the suite objects to each for a reason that names the promise.

`python -m scripts.mutants` runs the catalogue. A fault of the stand-in or of the generated client is derived from the
document where it can be, so that a new model brings its own. A fault of the client stands above the test that finds it.
"""
