"""The command of the docs reader, src/page2openapi: `python -m scripts.docs --help`."""

import argparse
import sys

from scripts.console import imports_for, take_any_output

take_any_output()
with imports_for("docs"):
    from page2openapi.command import main

    def _propose(options: argparse.Namespace) -> int:
        from scripts.propose.command import propose

        return propose(options.pages, options.left)

    try:
        sys.exit(main(propose=_propose))
    except KeyboardInterrupt:
        print("interrupted; what was fetched is kept, and the same command goes on", file=sys.stderr)
        sys.exit(3)
