import sys

from scripts.console import imports_for, take_any_output

take_any_output()
with imports_for("generate"):
    from scripts.regenerate.command import main

    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted; the package is as it was")
