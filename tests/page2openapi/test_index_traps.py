"""`index`: links, files and sites that are not as they should be."""

from __future__ import annotations

import pytest

from modellix.testing.replies import Answer

from .site import markdown, status
from .weeks import Week


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff# Docs\r\n\r\n- [A](a.md)\r\n- [B](b)\r\n",
        "- Pictures\n  - [A](a.md#body 'title')\n    1. > [B](<b.md?x=1> \"title\")\n",
        "- [A][one]\n- [two][]\n- [none][missing]\n\n[one]: a.md 'title'\n[Two]: <b.md>\n",
        "| Model | Page |\n| --- | :---: |\n| [A](a.md) | words |\n|2|[B](x/../b)|\n",
        "- [A](/zh/a.md)\n- [A](/A.md)\n- [A](/a.md)\n- [A](/en/a)\n- [B](b.MD)\n- [B](./b/)\n- [B](/zh-CN/B.md)\n",
        f"- [A](a.md)\n- [B](b)\n- [C](/{'c' * 3_000})\n- [D](https://xn--a/)\n- [E](http://[::1)\n- [F](mailto:f@f)\n",
    ],
    ids=["byte order mark", "nested", "references", "table", "spellings", "no addresses"],
)
def test_links_in_all_their_forms_are_two_pages(week: Week, text: str) -> None:
    week.site.answers["/llms.txt"] = [Answer(200, {"Content-Type": "text/plain"}, text.encode())]
    exit_status, out, err = week.index()
    assert (exit_status, err) == (0, "")
    assert out.splitlines()[:2] == ["/a: unchanged", "/b: unchanged"]
    assert week.site.paths == ["/robots.txt", "/llms.txt", "/a.md", "/b.md"]


def test_links_are_relative_to_where_the_index_was_found(week: Week) -> None:
    answers = week.site.answers
    answers["/docs/llms.txt"] = [Answer(200, {"ETag": '"1"'}, b"- [A](a.md)\n- [B](b)\n")]
    answers["/llms.txt"] = [status(301, Location="/docs/llms.txt")]
    answers["/docs/a.md"], answers["/docs/b.md"] = answers["/a.md"], answers["/b.md"]
    for _ in range(2):
        assert week.index()[1].splitlines()[:2] == ["/docs/a: unchanged", "/docs/b: unchanged"]
        answers["/docs/llms.txt"] = [status(304)]


@pytest.mark.parametrize("bad", [markdown("Soon."), Answer(200, {"Content-Type": "text/html"}, b"- [A](a.md)\n")])
def test_a_bad_index_is_not_gone_on_with(week: Week, bad: Answer) -> None:
    good = week.site.answers["/llms.txt"]
    week.site.answers["/llms.txt"] = [bad]
    assert week.index()[0] == 3
    week.site.answers["/llms.txt"] = good
    assert week.index()[0] == 0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("http://docs.example/llms.txt", "'http://docs.example/llms.txt' is not the https address of an index"),
        ("https://", "is not the https address of an index"),
        ("https://xn--a/llms.txt", "is not the https address of an index"),
        ("https://me:word@127.0.0.1/llms.txt", "an address with a name or a password in it is not asked for"),
    ],
)
def test_what_is_no_address_of_an_index_exits_2(week: Week, source: str, words: str) -> None:
    exit_status, out, err = week.index(source)
    assert (exit_status, out, week.site.paths) == (2, "", [])
    assert words in err
    assert "word@" not in err
    assert len(err.splitlines()) == 1


def test_an_empty_page_is_not_read(week: Week) -> None:
    week.list("[A](a.md)", "[B](b)", "[C](c)", c=" \n")
    exit_status, out, err = week.index()
    assert exit_status == 3
    assert "/c: unreadable\n" in out
    assert err == "/c: the page is empty\n"


def test_files_that_cannot_be_used_are_named(week: Week) -> None:
    week.places.not_wanted.write_bytes(b"\xff")
    exit_status, _, err = week.index()
    assert exit_status == 2
    assert err.startswith(f"{week.places.not_wanted}: cannot be read: ")
    week.places.not_wanted.unlink()
    week.places.document.unlink()
    exit_status, _, err = week.index()
    assert exit_status == 2
    assert err.startswith(f"{week.places.document}: cannot be read: ")


def test_what_a_damaged_state_says_does_not_count(week: Week) -> None:
    week.places.cache.leave(index=week.url, begun="soon", models=["A"])
    assert week.index()[0] == 0


def test_a_model_without_an_address_is_gone_when_no_page_is_about_it(week: Week) -> None:
    week.list("[A](a.md)")
    exit_status, out, _ = week.index()
    assert exit_status == 1
    assert ": gone (openai/gpt-image-2-edit)\n" in out
    week.list("[A](a.md)", "[B](b)")
    week.site.answers["/b.md"] = [status(500)]  # It may be about the model.
    exit_status, out, _ = week.index()
    assert exit_status == 3
    assert "gone" not in out
