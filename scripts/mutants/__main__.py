import sys

from scripts.console import take_any_output
from scripts.mutants.command import main

take_any_output()
sys.exit(main())
