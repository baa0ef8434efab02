"""`python -m modellix.journal`: see command.py."""

import sys

from modellix.journal.command import main

if __name__ == "__main__":
    sys.exit(main())
