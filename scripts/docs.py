"""The command of the docs reader, src/page2openapi: `python -m scripts.docs --help`."""

import sys

from scripts.console import imports_for, take_any_output

take_any_output()
with imports_for("docs"):
    from page2openapi.command import main

    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
