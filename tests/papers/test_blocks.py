"""Every block that a paper shows is run, or it is what something printed."""

from __future__ import annotations

import re

import pytest

from tests.papers.texts import PAPERS, ROOT

each_paper = pytest.mark.parametrize("paper", PAPERS)


@each_paper
def test_every_block_is_found(paper: str) -> None:
    """Programs and commands are run by the other modules here. Only what is not indented is seen."""
    fences = re.findall(r"^[ >]*(?:```|~~~).*$", PAPERS[paper], re.MULTILINE)
    assert set(fences[::2]) <= {"```", "```python", "```console", "```sql", "```yaml"}
    assert set(fences[1::2]) <= {"```"}


def test_each_statement_is_one_that_a_test_makes() -> None:
    made = (ROOT / "tests" / "modellix" / "test_sql_postgres.py").read_text("utf-8")
    shown = re.findall(r"^```sql\n(.*?)^```$", "\n".join(PAPERS.values()), re.DOTALL | re.MULTILINE)
    statements = [line.rstrip(";") for block in shown for line in block.splitlines()]
    assert statements
    assert [one for one in statements if one not in made] == []
