"""Rules without I/O: what to do, and what an answer means. `_io` carries them out."""
