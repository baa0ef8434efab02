"""Tests of the client: `test_<module>.py` for a module, `test_<module>_<subject>.py` where it has several subjects.

The module is the one whose rules a test proves, though most tests go through a whole client. `marks.py` in
`tests/support/` says what a file's tests run on.
"""
