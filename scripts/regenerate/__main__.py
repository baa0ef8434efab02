import sys

from scripts.console import take_any_output
from scripts.regenerate.command import main

take_any_output()
try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit("interrupted; the package is as it was")
