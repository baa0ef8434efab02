import sys

from scripts.console import imports_for, take_any_output

take_any_output()
with imports_for("docs"):
    from scripts.docs.command import main

    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
