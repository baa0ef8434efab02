"""`index`: what an index lists, what is asked for, and what is said of each page. The sites are on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from modellix.testing.replies import Answer
from page2openapi import site as fetching
from page2openapi.index.fetching import LONGEST_DELAY

from .applying import BEFORE
from .model_pages import BRUSH, EDIT, GENERATE, changed
from .site import markdown, status
from .site import running as running_site
from .weeks import PEN, Week

GUIDE = "# Quickstart\n\nSend `POST https://api.modellix.ai/api/v1/openai/gpt-image-2/async` with your key.\n"


def test_each_page_is_said_with_what_became_of_it(week: Week) -> None:
    cut = PEN.partition("\nBody\n")[0]
    pages = {"a": GENERATE, "b": EDIT.replace("1 - 16", "1 - 8"), "c": BRUSH, "d": cut, "e": GUIDE}
    week.list("[A](a.md)", "[B](b)", "[C](c.md)", "[D](d.md)", "[E](e.md)", **pages)
    exit_status, out, err = week.index()
    assert exit_status == 3  # One page was not read, whatever else is new.
    states = [line for line in out.splitlines() if line[:1] == "/" and line[2:4] == ": "]
    assert states[0] == "/a: unchanged"
    assert "/b: drifted" in out
    assert "/c: new (studio-nord/brush-1.5-pro)" in out
    assert "/d: unreadable" in out
    assert "/e: not a model's page" in out
    assert "/d:25: the page ends here without its reply" in err
    assert "1 unchanged, 1 drifted, 1 new, 1 unreadable, 1 not a model's page" in out.splitlines()[-1]


def test_a_page_of_another_path_is_a_models_if_it_answers_with_a_task(week: Week) -> None:
    other = PEN.replace("/\nasync\n", "").replace("/async", "")
    cancel = other.replace("/studio-nord/pen", "/tasks/cancel").replace("prompt\n", "task_id\n")
    upload = other.replace("task_id", "file")
    week.list("[P](p.md)", "[C](c.md)", "[U](u.md)", p=other, c=cancel, u=upload)
    _, out, err = week.index()
    assert out.splitlines()[:3] == ["/p: new (studio-nord/pen)", "/c: not a model's page", "/u: not a model's page"], (
        err
    )
    assert week.apply("studio-nord/*")[0] == 0
    assert "/studio-nord/pen:\n" in week.document


def test_pages_without_news_exit_0(week: Week) -> None:
    exit_status, out, err = week.index()
    assert (exit_status, err) == (0, "")
    assert out.splitlines()[:2] == ["/a: unchanged", "/b: unchanged"]


def test_a_second_run_asks_whether_pages_changed(week: Week) -> None:
    week.site.answers["/a.md"] = [
        Answer(200, {"Content-Type": "text/markdown", "ETag": '"1"'}, GENERATE.encode()),
        Answer(304, {}, b""),
    ]
    assert week.index()[0] == 0
    exit_status, out, _ = week.index()
    assert (exit_status, out.splitlines()[0]) == (0, "/a: unchanged")
    asked = {path: headers for _, path, headers in week.site.asked}
    assert asked["/a.md"]["If-None-Match"] == '"1"'
    assert "If-None-Match" not in asked["/b.md"]


def test_what_is_new_is_news_once_it_is_not_accepted(week: Week) -> None:
    week.list("[A](a.md)", "[B](b)", "[C](c.md)", "[P](p.md)", c=BRUSH, p=PEN)
    assert week.index()[0] == 1
    week.places.not_wanted.write_text(f"# Ours\n# Too dear\n{week.site.origin}/p.md\n", encoding="utf-8")
    assert week.index(accept=True)[0] == 0
    kept = f"# Ours\n# Too dear\n{week.site.origin}/p.md\n".splitlines()
    lines = week.places.not_wanted.read_text("utf-8").splitlines()
    assert sorted(lines) == sorted([*kept, f"{week.site.origin}/c"])
    exit_status, out, _ = week.index(accept=True)
    assert exit_status == 0
    assert week.places.not_wanted.read_text("utf-8").splitlines() == lines
    assert "/c.md" not in week.site.paths
    assert "2 seen and not wanted" in out


def test_a_page_that_is_listed_no_more_or_answers_404_is_gone(week: Week) -> None:
    known = BEFORE
    for name, url in {"gpt_image_2": f"{week.site.origin}/a", "gpt_image_2_edit": "https://docs.example/edit"}.items():
        known = changed(known, f"operationId: {name}\n", f"operationId: {name}\n      externalDocs: {{url: {url}}}\n")
    week.places.document.write_text(known, encoding="utf-8")
    week.list("[A](a.md)")
    del week.site.answers["/a.md"]
    exit_status, out, _ = week.index()
    assert exit_status == 1
    assert "/a: gone (openai/gpt-image-2)\n" in out
    assert "https://docs.example/edit: gone (openai/gpt-image-2-edit)\n" in out


def test_another_language_or_a_second_link_is_no_second_model(week: Week) -> None:
    week.list("[Z](/zh/b.md)", "[A](a.md)", "[A](/a?x=1#y)", "[B](b)", "[Z](/ja/b.md)", "[again](copy.md)", copy=EDIT)
    exit_status, out, _ = week.index()
    assert exit_status == 0
    assert "/copy: a page of the same model again" in out
    assert [path for path in week.site.paths if path.startswith(("/zh", "/ja"))] == []


def test_a_page_without_markdown_beside_it_is_read_itself(week: Week) -> None:
    week.site.answers["/b"] = week.site.answers.pop("/b.md")
    assert week.index()[0] == 0
    assert week.index()[0] == 0
    assert [path for path in week.site.paths if path[:2] == "/b"] == ["/b"]


# What ends a run, or is not followed.


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (markdown("# Docs\n\nNothing is [listed](a.md) here.\n"), "no Markdown list of links"),
        (markdown("<!DOCTYPE html><html><ul><li>a</ul></html>"), "this is HTML"),
        (Answer(200, {"Content-Type": "text/html"}, b"- [A](a.md)\n"), "this is HTML"),
        (status(404), "status 404"),
        (status(302, Location="https://other.example/llms.txt"), "another host"),
        (status(429, Retry_After="3600"), "status 429, the site asks to be left alone for 3600 seconds"),
    ],
    ids=["no list", "html", "html by its type", "missing", "elsewhere", "busy"],
)
def test_what_is_no_index_is_one_line_and_exit_3(week: Week, answer: Answer, words: str) -> None:
    week.site.answers["/llms.txt"] = [answer]
    exit_status, out, err = week.index()
    assert (exit_status, out) == (3, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_link_to_another_host_is_named_and_not_followed(week: Week) -> None:
    with running_site() as other:
        week.list("[A](a.md)", "[B](b)", f"[C]({other.origin}/c.md)", c=BRUSH)
        exit_status, _, err = week.index()
        assert other.asked == []
        assert exit_status == 3
        assert [line for line in err.splitlines() if f"{other.origin}/c.md: on another host" in line] == [err.strip()]


def test_robots_are_asked_first_and_obeyed(week: Week) -> None:
    week.site.answers["/robots.txt"] = [markdown("User-agent: *\nDisallow: /b*\nAllow: /a\nCrawl-delay: 7\n")]
    exit_status, out, err = week.index()
    assert exit_status == 3
    assert week.site.paths == ["/robots.txt", "/llms.txt", "/a.md"]
    assert err == "/b: refused by robots.txt\n"
    assert week.pauses == [7.0, 7.0]
    assert "gone" not in out.splitlines()[1]


def test_an_index_that_robots_refuse_is_not_asked_for(week: Week) -> None:
    week.site.answers["/robots.txt"] = [markdown("User-agent: modellix-client\nDisallow: /\n")]
    exit_status, out, err = week.index()
    assert (exit_status, out, week.site.paths) == (3, "", ["/robots.txt"])
    assert err == "/llms.txt: refused by robots.txt\n"


@pytest.mark.parametrize("answer", [status(503), markdown(f"User-agent: *\nCrawl-delay: {LONGEST_DELAY + 1:g}\n")])
def test_robots_that_cannot_be_read_or_obeyed_end_the_run(week: Week, answer: Answer) -> None:
    week.site.answers["/robots.txt"] = [answer]
    exit_status, out, err = week.index()
    assert (exit_status, out, len(err.splitlines())) == (3, "", 1)
    assert set(week.site.paths) == {"/robots.txt"}


def test_an_interrupted_run_goes_on(week: Week) -> None:
    week.interrupted_after = 2
    assert week.index()[0] == 3
    week.interrupted_after = None
    assert week.index()[0] == 0
    assert week.site.paths == ["/robots.txt", "/b.md"]
    assert week.index()[0] == 0
    assert week.site.paths == ["/robots.txt", "/llms.txt", "/a.md", "/b.md"]


def test_a_page_that_is_busy_ends_the_run_which_goes_on_later(week: Week) -> None:
    week.site.answers["/b.md"].insert(0, status(429, Retry_After="3600"))
    exit_status, out, err = week.index()
    assert (exit_status, out) == (3, "")
    assert (
        err
        == "/b: status 429, the site asks to be left alone for 3600 seconds; the same command goes on from here later\n"
    )
    assert week.index()[0] == 0
    assert week.site.paths == ["/robots.txt", "/b.md"]


def test_a_short_busy_time_is_waited_for(week: Week) -> None:
    week.site.answers["/b.md"].insert(0, status(429, Retry_After="20"))
    assert week.index()[0] == 0
    assert 20.0 in week.pauses


def test_a_page_over_the_bound_stops_no_other(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST_REPLY", max(len(GENERATE), len(EDIT)) + 100)
    week.list("[X](x.md)", "[A](a.md)", "[B](b)", x=GENERATE + "x" * len(EDIT) + GENERATE)
    exit_status, out, err = week.index()
    assert exit_status == 3
    assert err == f"/x: larger than {fetching.LARGEST_REPLY} bytes\n"
    assert "2 unchanged" in out


def test_an_unreachable_site_exits_4(week: Week, closed_port: int) -> None:
    exit_status, out, err = week.index(f"http://127.0.0.1:{closed_port}/llms.txt")
    assert (exit_status, out, len(err.splitlines())) == (4, "", 1)


def test_an_index_in_a_file_is_relative_to_the_host_that_it_names(week: Week, tmp_path: Path) -> None:
    file = tmp_path / "llms.txt"
    file.write_bytes(f"\ufeff# Docs\r\n\r\n* [A]({week.site.origin}/a.md)\r\n  * [B](/b)\r\n".encode())
    exit_status, out, _ = week.index(str(file))
    assert exit_status == 0
    assert out.splitlines()[:2] == ["/a: unchanged", "/b: unchanged"]
    assert f"at {week.site.origin}" not in out  # shortened here
