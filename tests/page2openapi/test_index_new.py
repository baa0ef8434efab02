"""`apply --new`: models of an index are added with their addresses, and what prevents that is said."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from page2openapi.apply import application, running
from page2openapi.apply.trial import Verdict
from page2openapi.index.progress import Progress

from .applying import BEFORE
from .model_pages import BRUSH
from .weeks import PEN, Week


def test_new_models_are_added_with_their_addresses_once(week: Week) -> None:
    week.list("[A](a.md)", "[B](b)", "[C](c.md)", "[P](p)", c=BRUSH, p=PEN)
    assert week.index()[0] == 1
    exit_status, _, err = week.apply()
    assert exit_status == 0
    assert week.site.asked == []
    assert "2 of 2 new models added" in err
    for path in ("c", "p"):
        assert f'url: "{week.site.origin}/{path}"\n' in week.document
    assert week.document.count("\n  /") == BEFORE.count("\n  /") + 2
    before = week.document
    exit_status, out, err = week.apply()
    assert (exit_status, out, week.document) == (0, "", before)
    assert "nothing to add" in err
    assert week.index()[0] == 0


def test_a_pattern_chooses_also_among_those_not_wanted(week: Week) -> None:
    week.list("[A](a.md)", "[B](b)", "[C](c.md)", "[P](p)", c=BRUSH, p=PEN)
    week.index(accept=True)
    assert week.apply()[0] == 0
    assert week.document == BEFORE
    assert week.apply("studio-nord/p*")[0] == 0
    assert f'url: "{week.site.origin}/p"\n' in week.document
    assert "brush" not in week.document
    assert [line for line in week.places.not_wanted.read_text().splitlines() if line[0] != "#"] == [
        f"{week.site.origin}/c"
    ]


def test_a_pattern_that_matches_nothing_exits_2(week: Week) -> None:
    week.index()
    exit_status, _, err = week.apply("openai/gpt-imagine")
    assert (exit_status, week.document) == (2, BEFORE)
    assert "no model matches 'openai/gpt-imagine'; it has 2, such as openai/gpt-image-2" in err


def test_how_far_the_writing_is_stands_in_a_log(week: Week) -> None:
    pens = {
        f"pen{number}": PEN.replace("/async", f"-{number}/async").replace("/\npen\n", f"/\npen-{number}\n")
        for number in range(20)
    }
    week.list("[A](a.md)", "[B](b)", *(f"[Pen]({name})" for name in pens), **pens)
    week.index()
    exit_status, _, err = week.apply()
    assert exit_status == 0
    lines = [line for line in err.splitlines() if line.startswith("writing: ")]
    assert lines == [f"writing: {done} of 20" for done in range(2, 21, 2)]


@pytest.mark.parametrize(
    ("total", "steps", "said"),
    [
        (20, [5, 1, 14], ["work: 5 of 20", "work: 6 of 20", "work: 20 of 20"]),
        (5, [5], []),
        (0, [1, 1], []),
    ],
)
def test_steps_taken_together_are_one_line(total: int, steps: list[int], said: list[str]) -> None:
    stream = io.StringIO()
    progress = Progress("work", total, stream)
    for count in steps:
        progress.step(count)
    assert stream.getvalue().splitlines() == said


def test_a_page_that_breaks_the_client_stops_no_other(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(text: str, *_: object) -> Verdict:
        return Verdict(reason="no such thing" if "/studio-nord/pen/async" in text else None)

    monkeypatch.setattr(application, "judge", judged)
    week.list("[A](a.md)", "[B](b)", "[P](p)", "[C](c.md)", c=BRUSH, p=PEN)
    week.index()
    exit_status, _, err = week.apply()
    assert exit_status == 1
    assert re.search(rf"{week.site.origin}/p.md:\d+: not written, because .* generated: document: no such thing\n", err)
    assert len(said := err.splitlines()) == len(set(said))
    assert "brush-1.5-pro" in week.document
    assert "/studio-nord/pen" not in week.document


def test_a_document_without_a_client_blames_no_page(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = list[str]()

    def judge(text: str, *_: object) -> Verdict:
        judged.append(text)
        return Verdict(reason="no such thing")

    monkeypatch.setattr(application, "judge", judge)
    week.list("[A](a.md)", "[B](b)", "[P](p)", "[C](c.md)", c=BRUSH, p=PEN)
    week.index()
    exit_status, _, err = week.apply()
    assert (exit_status, week.document, judged[1:]) == (1, BEFORE, [BEFORE])
    assert err.count("not written") == 0
    assert "nothing was written, because the client could not be generated: no such thing" in err


def test_a_file_of_a_page_gets_the_address_that_the_index_knows(
    week: Week, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    week.list("[A](a.md)", "[B](b)", "[C](c.md)", c=BRUSH)
    week.index()
    monkeypatch.setattr(running, "CONTRACT", week.places.document)
    monkeypatch.setattr(running, "Cache", lambda: week.places.cache)
    (tmp_path / "page.txt").write_text(BRUSH, encoding="utf-8")
    assert running.run([str(tmp_path / "page.txt")], dry_run=False) == 0
    assert f'url: "{week.site.origin}/c"\n' in week.document
