import sys

from scripts.console import take_any_output
from scripts.release.command import main

if __name__ == "__main__":
    take_any_output()
    sys.exit(main())
