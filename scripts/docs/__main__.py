import sys

from scripts.docs.command import main

try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit("interrupted")
