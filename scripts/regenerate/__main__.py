import sys

from scripts.regenerate.command import main

try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit("interrupted; the package is as it was")
