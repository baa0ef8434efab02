# ruff: noqa: E501 - one change to a line, like a table
"""Faults of the front door in who learns the key or the prompt, and in which settings are taken."""

from __future__ import annotations

from scripts.mutants.catalogue.faults import Fault

SECRETS = "faults/test_secrets.py::"
CONNECTING = "faults/test_connecting.py::"
SETTINGS = "faults/test_settings.py::"

ATTEMPTS = "_core.submission:SubmissionAttempts"
COPY = '"{} client cannot be pickled or copied: create one where it is used"'

FAULTS = (
    # The key and the prompt.
    Fault(
        "the key stands in the log",
        "The line that tells of a submission holds the key.",
        (f"{SECRETS}test_no_end_of_a_submission_shows_a_secret[refused-gpt_image_2]",),
        ((f"{ATTEMPTS}._log", "operation.method, operation.path,", "operation.method, operation.path + self._context.secret,"),),
    ),
    Fault(
        "the prompt stands in the log",
        "The line that tells of a submission holds its body.",
        (f"{SECRETS}test_no_end_of_a_submission_shows_a_secret[accepted-gpt_image_2]",),
        ((f"{ATTEMPTS}._log", "operation.method, operation.path,",
          "operation.method, operation.path + self._attempt.prepared.body.decode(),"),),
    ),
    Fault(
        "the log of reads holds the reply",
        "What a read answered stands in the log.",
        (f"{SECRETS}test_a_reply_stays_out_of_the_logs",),
        (("_core.read_task:_Reading._judge", "payload = reply.json()", 'payload = reply.json()\n        log.info("%s", payload)'),),
    ),
    Fault(
        "an echoed key is shown",
        "The key in a reply is not redacted in errors.",
        (f"{SECRETS}test_no_end_of_a_submission_shows_a_secret[refused, the key in the message-gpt_image_2]",
         f"{SECRETS}test_no_end_of_a_read_shows_a_secret[refused, the key in the message]"),
        (("_core.redaction:redact", "return _spellings(secret).sub(REDACTED, text)", "return text"),),
    ),
    Fault(
        "an echoed key is redacted in one spelling",
        "The key in a reply is redacted only where it stands as it is.",
        (f"{SECRETS}test_a_key_that_is_echoed_in_another_spelling_is_not_shown",),
        (("_core.redaction:redact", "return _spellings(secret).sub(REDACTED, text)", "return text.replace(secret.encode(), REDACTED)"),),
    ),
    Fault(
        "the key is shown by the client",
        "What a client shows of itself holds the key.",
        (f"{SECRETS}test_no_end_of_a_submission_shows_a_secret[accepted-gpt_image_2]",),
        sync=(("client:Modellix.__repr__", "self._parts.settings.origin!r", "self._parts.settings.api_key!r"),),
        asynchronous=(("client:AsyncModellix.__repr__", "self._parts.settings.origin!r", "self._parts.settings.api_key!r"),),
    ),
    Fault(
        "clients are pickled",
        "A client may be copied, key and all.",
        (f"{SECRETS}test_a_client_is_neither_pickled_nor_copied[dumps-{{client}}]",),
        sync=(("client:Modellix.__reduce__", f"raise TypeError({COPY.format('a Modellix')})", 'return str, ("",)'),),
        asynchronous=(("client:AsyncModellix.__reduce__", f"raise TypeError({COPY.format('an AsyncModellix')})", 'return str, ("",)'),),
    ),
    # Settings.
    Fault(
        "plain http is an address",
        "`base_url` may have plain http on any host.",
        (f"{SETTINGS}test_anything_else_is_refused[http://192.168.0.1-{{client}}]",),
        (("settings:check_origin", 'if parts.scheme == "http" and not', 'if parts.scheme == "ftp" and not'),),
    ),
    Fault(
        "loopback goes through a proxy",
        "A request to loopback, its key in clear text, is handed to the proxy of the environment.",
        (f"{CONNECTING}test_loopback_never_goes_through_a_proxy[http://127.0.0.1-HTTP_PROXY]",
         f"{CONNECTING}test_loopback_never_goes_through_a_proxy[http://localhost-ALL_PROXY]"),
        (("_core.proxies:environment_proxy", "leads_here(host) or", ""),),
    ),
    Fault(
        "NO_PROXY is read by letters",
        "NO_PROXY=example.com is taken to name notexample.com.",
        ("=test_proxies.py::test_no_proxy_names_hosts_as_people_write_them[notexample.com-443-example.com-False]",),
        (("_core.proxies:_names", 'f".{host}".endswith(f".{name}")', "host.endswith(name)"),),
    ),
    Fault(
        "NO_PROXY knows no networks",
        "NO_PROXY=10.0.0.0/8 names no address.",
        ("=test_proxies.py::test_no_proxy_names_hosts_as_people_write_them[10.1.2.3-443-10.0.0.0/8-True]",),
        (("_core.proxies:_networks", "return [ipaddress.ip_network(", "return [] and [ipaddress.ip_network("),),
    ),
    Fault(
        "any injected client will do",
        "An injected client may follow redirects.",
        (f"{SETTINGS}test_a_client_that_might_send_otherwise_is_refused[redirects-{{client}}]",),
        (("_io.transports:check_injected", "if client.follow_redirects or client.auth", "if client.auth"),),
    ),
    Fault(
        "headers of an injected client win",
        "An injected client's own key replaces ours.",
        (f"{SETTINGS}test_headers_of_an_injected_client_do_not_replace_ours",),
        (("_core.effects:Driver.__init__", "self._headers.update(\n            {", "self._headers = httpx.Headers(\n            {"),
         ("_core.effects:Driver.__init__", "\n            }\n        )", "\n                **dict(defaults or {}),\n            }\n        )")),
    ),
    Fault(
        "a closed client sends",
        "A client that was closed goes on.",
        ("faults/test_habits.py::test_a_closed_client_sends_nothing_and_says_so",),
        sync=(("_io.sync_driver:SyncDriver._take", "if self._is_closed:", "if False:"),),
        asynchronous=(("_io.async_driver:AsyncDriver._take", "if self._is_closed:", "if False:"),),
    ),
)  # fmt: skip
