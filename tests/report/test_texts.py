"""Texts of others are shown short, in plain sight, and without the key."""

from __future__ import annotations

import pytest

from scripts.report.texts import Shower, shortened, visible, without_runs

KEY = 'sk-Kx81/+ü"z9'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcödé 漢字 🙂\n\tnext", "plain text, ünïcödé 漢字 🙂\n\tnext"),
        ("a\0b", "a\\u0000b"),
        ("a\x1b[31mb", "a\\u001b[31mb"),
        ("abc\u202egnp.exe", "abc\\u202egnp.exe"),
        ("\u2066\u2069\u200f\ufeff\u200b", "\\u2066\\u2069\\u200f\\ufeff\\u200b"),
        ("a\u2028b\u00a0c", "a\\u2028b\\u00a0c"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\r\n", "a\\u000d\n"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 300, "a⟨×300⟩"),
        ('{"prompt": "' + "ab" * 40 + '"}', '{"prompt": "ab⟨×40⟩"}'),
        ("\\r\\n" * 30 + "… (32064 bytes)", "\\r\\n\\r\\n\\r\\n… (32064 bytes)"),
        ("no run of aaaaaaaaaaaaa here", "no run of aaaaaaaaaaaaa here"),
    ],
)
def test_a_repeated_piece_is_shown_once(text: str, shown: str) -> None:
    assert without_runs(text) == shown


def test_a_long_text_says_how_long_it_is() -> None:
    assert shortened("x" * 11, 10) == "xxxxxxxxxx… (11 characters)"
    assert shortened("x" * 10, 10) == "x" * 10


def test_a_text_of_a_megabyte_is_short_when_shown() -> None:
    text = "".join(chr(33 + number % 90) for number in range(1_000_000))
    assert len(Shower().shown(text)) < 700


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {KEY}",
        "GET /?key=sk-Kx81%2F%2B%C3%BC%22z9",
        '{"echo": "sk-Kx81/+\\u00fc\\"z9"}',
        "".join(f"&#{ord(character)};" for character in KEY),
        "".join(f"\\u{ord(character):04x}" for character in KEY),
        KEY[1:],
        KEY[:-1],
        KEY.swapcase(),
        f"{KEY}{KEY}",
        f"a text that was cut within the key: {KEY[:9]}… (9000 bytes)",
    ],
)
def test_no_spelling_of_the_key_is_shown(text: str) -> None:
    shown = Shower(KEY).shown(text)
    assert "[key]" in shown
    assert "Kx81" not in shown
    assert "kX81" not in shown


def test_the_key_goes_before_a_text_is_cut() -> None:
    """So that no beginning of it is left at the end of what is shown."""
    assert "Kx81" not in Shower(KEY).shown("!" + "ab-" * 300 + KEY, longest=908)


def test_without_a_key_nothing_is_redacted() -> None:
    assert Shower("").shown("text") == "text"
