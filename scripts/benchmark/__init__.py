"""What the client costs beside its peers. `nox -s benchmark` measures, and writes docs/benchmark.md.

Machines and their load differ, so only ratios mean something: each round measures all peers in turn, and the median of
the rounds' ratios is told. Nothing here is a test, and nothing fails for being slow.
"""
