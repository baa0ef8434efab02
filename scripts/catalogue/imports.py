"""What importing the client costs beside httpx: python -m scripts.catalogue imports."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Final

CLIENT: Final = "from modellix import Modellix"
BARE: Final = "import httpx"
_ROUNDS: Final = 15
_CPU: Final = "import time\n{}\nprint(time.process_time())"  # of the whole process, its start included


def imports(most: float) -> int:
    """0 when the median CPU of fresh processes, in turns and with warm bytecode, is at most so many times httpx's."""
    for statement in (CLIENT, BARE):
        _cpu(statement)
    rounds = [(_cpu(CLIENT), _cpu(BARE)) for _ in range(_ROUNDS)]
    ours, theirs = (statistics.median(one) for one in zip(*rounds, strict=True))
    ratio = ours / theirs
    print(f"import: {1000 * ours:.0f} ms beside {1000 * theirs:.0f} ms of httpx: {ratio:.2f} times, at most {most:.2f}")
    return 0 if ratio <= most else 1


def _cpu(statement: str) -> float:
    # Whoever writes no bytecode would measure the compiler.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", _CPU.format(statement)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)
