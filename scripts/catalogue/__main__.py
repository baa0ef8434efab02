"""Run by `python -m scripts.catalogue`."""

import sys

from scripts.catalogue.command import main
from scripts.console import take_any_output

take_any_output()
sys.exit(main())
