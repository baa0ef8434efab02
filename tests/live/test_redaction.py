"""What takes the key out of texts: it finds pieces, leaves the rest as it is, and does not mind long keys."""

from __future__ import annotations

import random
import string

import pytest

from contract_tests.harness.redaction import MARK, KeyRedactor
from contract_tests.model.keys import forms_of

KEYS = {
    "short": "k3y-9Qz",
    "usual": "Zq7-vT2mXw9LkQ4_rNb8HsYc3JfPdGe6",
    "long": "".join(random.Random(600).choices(string.ascii_letters + string.digits, k=600)),
    "long and odd": "".join(random.Random(15).choices(string.ascii_letters + string.punctuation, k=600)),
    "the same again": "Zq7-vT2mXw9L" * 50,
    "one letter": "Q" * 600,
}
AROUND = "before it, <{}> and [after] it"
LONG = [noun for noun, key in KEYS.items() if len(key) == 600]


@pytest.mark.parametrize("noun", KEYS)
def test_key_and_what_it_is_turned_into_are_taken_out(noun: str) -> None:
    key = KEYS[noun]
    for form in forms_of(key):
        for spelt in (form, form.swapcase()):
            if len(spelt) >= len(key):
                assert KeyRedactor(key)(AROUND.format(spelt)) == AROUND.format(MARK)


@pytest.mark.parametrize("noun", [noun for noun in KEYS if noun != "short"])
@pytest.mark.parametrize("length", [8, 9, 11, 16, 31])
def test_pieces_are_taken_out_wherever_they_stand(noun: str, length: int) -> None:
    redact = KeyRedactor(KEYS[noun])
    for start in range(len(KEYS[noun]) - length + 1):
        text = "-" * (start % 7) + f" {KEYS[noun][start : start + length]} "
        assert redact(text) == "-" * (start % 7) + f" {MARK} "


@pytest.mark.parametrize("noun", KEYS)
def test_other_words_stay(noun: str) -> None:
    text = f"Nothing of {KEYS[noun][:4]} is so long that anybody could recognize it. " * 20
    assert KeyRedactor(KEYS[noun])(text) == text


@pytest.mark.parametrize("noun", LONG)
def test_work_grows_with_the_text_and_not_with_the_key(noun: str) -> None:
    """Every place of the text is looked at once, however often a part of the key stands in the key."""
    key = KEYS[noun]
    text = " ".join((key[:-1], key[1:], key[300:], key[::-1]))
    assert len(list(KeyRedactor(key)._spans(text))) <= len(text)
