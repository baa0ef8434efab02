"""Mutation testing: small named faults, and whether the suite objects to each for a reason that names the promise.

`python -m scripts.mutants` runs the catalogue. A fault in the stand-in or the client is derived from the document
where it can be, so that a new model brings its own; where one is added by hand is said in `catalogue`.
"""
