import sys

from scripts.benchmark.command import main
from scripts.console import take_any_output

if __name__ == "__main__":
    take_any_output()
    sys.exit(main(sys.argv[1:]))
