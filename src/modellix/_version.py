"""The version of the distribution: the tag that it was built from, as its metadata has it."""

from importlib import metadata  # takes milliseconds, so that this module is imported when a version is wanted

try:
    __version__ = metadata.version("modellix-client")
except metadata.PackageNotFoundError:  # copied or packed, and never installed
    __version__ = "0+unknown"
