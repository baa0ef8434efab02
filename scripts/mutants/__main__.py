import sys

from scripts.mutants.command import main

sys.exit(main())
