"""Requests without the right key in the right place: what a careless service, or a gateway before it, lets in.

`{key}` is the right key, other names are near misses of it: see `variants_of`. A service that looks into one place
does not mind what stands in others, so many names share a request.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from contract_tests.model.document import contract

WrongKey = tuple[str, dict[str, str], str]
"""What it is of an `auth` promise, the headers in the place of the right one, the query."""

_VENDOR = (urlsplit(contract().origin).hostname or "api").split(".")[-2:][0].capitalize()
_LONG = "x" * 2000  # passes every proxy

_HEADERS = (
    ("Api-Key", "X-Auth-Token", "X-Access-Token", "Token", "X-API-Token", "X-Auth-Key", "X-Token", "Access-Token"),
    ("X-Goog-Api-Key", "Ocp-Apim-Subscription-Key", "X-Functions-Key", "X-Amz-Security-Token", "X-RapidAPI-Key",
     "Xi-Api-Key", "Fal-Key", "X-DashScope-Api-Key"),
    ("ApiKey", "Api-Token", "Auth-Token", "Auth", "Key", "X-Key", "X-Secret-Key", "X-Client-Key"),
    (f"X-{_VENDOR}-Key", f"X-{_VENDOR}-Api-Key", f"X-{_VENDOR}-Token", "X-Session-Token", "X-Subscription-Key",
     "User-Agent", "Referer", "From"),
)  # fmt: skip
_BEARERS = (
    "Authentication", "X-Authorization", "X-Forwarded-Authorization", "X-Original-Authorization", "X-Auth",
    "X-Forwarded-Access-Token", "X-Proxy-Authorization",
)  # fmt: skip
_QUERIES = (
    ("api_key", "key", "token", "access_token"),
    ("apiKey", "apikey", "api-key", "x-api-key"),
    ("auth", "authorization", "auth_token", "code"),
    ("subscription-key", "sig", "session", "secret", "bearer"),
)
IN_BODY = ("api_key", "key", "token", "access_token", "apiKey", "apikey", "authorization", "auth")
"""Members of a JSON body that the right key is put into, in one request."""
_INSIDERS = {
    "X-Forwarded-User": "admin", "X-Remote-User": "admin", "X-Auth-Request-User": "admin", "X-User-Id": "1",
    "X-Authenticated-User": "admin", "X-Consumer-Username": "admin", "X-Admin": "true", "X-Internal": "true",
    "X-Internal-Request": "true", "X-Debug": "true", "X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1",
}  # fmt: skip


def _named(names: tuple[str, ...], value: str) -> tuple[str, WrongKey]:
    """The same in several headers."""
    what = "the scheme and the key" if " " in value else "the key"
    return f"{what} as {', '.join(names)}", ("place", dict.fromkeys(names, value), "")


def _asked(names: tuple[str, ...]) -> tuple[str, WrongKey]:
    """The key in several parameters of the address."""
    where = "" if names == _QUERIES[0] else f" as {', '.join(names)}"
    return f"the key in the address{where}", ("place", {}, "?" + "&".join(f"{name}={{key}}" for name in names))


def _bearer(kind: str, **keys: str) -> dict[str, WrongKey]:
    """Keys behind the right scheme; names have underscores for blanks."""
    return {noun.replace("_", " "): (kind, {"Authorization": f"Bearer {key}"}, "") for noun, key in keys.items()}


CREDENTIALS: dict[str, WrongKey] = {
    "no key": ("missing", {}, ""),
    "no key, from this machine": ("missing", {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}, ""),
    f"no key, as {', '.join(_INSIDERS)}": ("missing", _INSIDERS, ""),
    "an empty header": ("missing", {"Authorization": ""}, ""),
    "the scheme alone": ("missing", {"Authorization": "Bearer"}, ""),
    **_bearer(
        "wrong",
        another_key="another-key",
        a_key_of_one_character="x",
        the_key_of_the_docs="YOUR_API_KEY",
        the_token_of_the_docs="<token>",
        the_word_null="null",
        the_word_undefined="undefined",
        the_word_true="true",
        the_word_test="test",
        the_word_admin="admin",
        an_asterisk="*",
        a_pattern_of_anything=".*",
        a_wildcard_of_SQL="%",
        a_condition_of_SQL="' OR '1'='1",
        a_condition_of_NoSQL='{{"$ne": null}}',
        code_of_templates="${{{{7*7}}}}",
        a_token_that_nobody_signed="eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZG1pbiIsInJvbGUiOiJhZG1pbiJ9.",
        a_very_long_key=_LONG,
        a_key_for_tests="sk-test",
    ),
    **_bearer(
        "near_miss",
        a_longer_key="{key}x",
        something_before_the_key="x{key}",
        a_shorter_key="{short}",
        a_key_without_its_beginning="{late}",
        a_key_in_other_letters="{cased}",
        a_key_with_another_end="{ending}",
        the_key_twice="{key}{key}",
        the_key_in_small_letters="{small}",
        the_key_in_capitals="{capital}",
        the_key_backwards="{reversed}",
        another_key_of_this_length="{masked}",
        a_key_with_another_middle="{middle}",
        a_key_with_the_same_beginning="{beginning}",
        a_key_with_the_same_end="{last}",
        the_beginning_and_a_wildcard_of_SQL="{like}",
        the_beginning_and_an_asterisk="{glob}",
        the_beginning_and_underscores="{blanked}",
        the_key_with_other_separators="{separated}",
        the_key_with_an_escaped_letter="{escaped}",
        the_key_with_a_wide_letter="{wide}",
        the_key_and_an_escaped_null="{key}%00x",
        the_key_between_quotes='"{key}"',
        the_key_between_brackets="<{key}>",
        the_key_after_another="another {key}",
        the_key_before_another="{key} another",
        the_key_before_a_comma="{key},",
        the_key_in_a_list="another,{key}",
        the_header_in_a_list="another, Bearer {key}",
        the_key_without_punctuation="{letters}",
        the_key_in_base64="{base64}",
        the_hash_of_the_key="{hash}",
        the_scheme_twice="Bearer {key}",
    ),
    "no scheme": ("scheme", {"Authorization": "{key}"}, ""),
    "the scheme glued to the key": ("scheme", {"Authorization": "Bearer{key}"}, ""),
    "the scheme Basic": ("scheme", {"Authorization": "Basic {key}"}, ""),
    "the scheme Token": ("scheme", {"Authorization": "Token {key}"}, ""),
    "the scheme Key": ("scheme", {"Authorization": "Key {key}"}, ""),
    "the scheme ApiKey": ("scheme", {"Authorization": "ApiKey {key}"}, ""),
    "the scheme Digest": ("scheme", {"Authorization": 'Digest username="{key}", response="{key}"'}, ""),
    "the scheme Basic in base64": ("scheme", {"Authorization": "Basic {basic}"}, ""),
    "the key as a user": ("scheme", {"Authorization": "Basic {user}"}, ""),
    "half of the scheme": ("scheme", {"Authorization": "Bear {key}"}, ""),
    "a colon behind the scheme": ("scheme", {"Authorization": "Bearer: {key}"}, ""),
    "an equals sign behind the scheme": ("scheme", {"Authorization": "Bearer={key}"}, ""),
    "the key as X-Api-Key": ("place", {"X-Api-Key": "{key}"}, ""),
    "the key as a session": ("place", {"Cookie": "token={key}; session={key}"}, ""),
    "the key for a proxy": ("place", {"Proxy-Authorization": "Bearer {key}"}, ""),
    "the key as a cookie": ("place", {"Cookie": "Authorization=Bearer {key}; api_key={key}"}, ""),
    **dict(_named(names, "{key}") for names in _HEADERS),
    **dict([_named(_BEARERS, "Bearer {key}")]),
    **dict(map(_asked, _QUERIES)),
}

ALL_KEYS = 2  # models on which every wrong key is tried
REPRESENTATIVE = (
    "no key", "an empty header", "another key", "a longer key", "a shorter key", "the scheme Basic",
    "the key as X-Api-Key", "the key in the address",
)  # fmt: skip
