import sys

from scripts.report.command import main

sys.exit(main())
