# ruff: noqa: E501 - one change to a line, like a table
"""Faults of the front door in fetching pictures: what becomes a file, where from, and who learns of it."""

from __future__ import annotations

from scripts.mutants.catalogue.faults import Fault

REPLIES = "downloads/test_replies.py::"
FILES = "downloads/test_files.py::"
ADDRESSES = "downloads/test_addresses.py::"
SPELLINGS = "downloads/test_spellings.py::"
THROUGH = "downloads/test_download_proxy.py::"
EXPIRY = "downloads/test_expiry.py::"
DISCRETION = "downloads/test_discretion.py::"

PICTURE = "_core.fetch:Picture"
PARTIAL = "_io.files:PartialFile"
NO_FILE = f"{REPLIES}test_anything_else_leaves_no_file"

FAULTS = (
    Fault(
        "a half-written file has its name",
        "A picture whose end is missing becomes a file.",
        (f"{NO_FILE}[cut, unframed png]",),
        ((f"{PICTURE}._check_end", "if not is_framed and not", "if False and not"),),
    ),
    Fault(
        "what is left stays",
        "A download that failed leaves its temporary file.",
        (f"{NO_FILE}[cut within chunks]", f"{NO_FILE}[shorter than it says]"),
        (("_core.download:_write", "    finally:\n        partial.discard()",
          "    except ZeroDivisionError:\n        pass\n    else:\n        partial.discard()"),),
    ),
    Fault(
        "anything is a picture",
        "A reply whose content type is no picture's becomes a file.",
        (f"{NO_FILE}[text]", f"{NO_FILE}[another image]"),
        ((f"{PICTURE}._look", " or not kind.agrees_with(content_type)", ""),),
    ),
    Fault(
        "compressed replies are taken",
        "A reply that is compressed unasked is written as it comes.",
        (f"{NO_FILE}[codec br]", f"{NO_FILE}[codec in the second line]"),
        ((f"{PICTURE}._check_headers", "if not _CODECS.isdisjoint(", "if False and ("),),
    ),
    Fault(
        "a codec within a list is taken",
        "A reply is compressed only if that is all it says.",
        (f"{NO_FILE}[codec aws-chunked,gzip]", f"{NO_FILE}[codec br, gzip]"),
        ((f"{PICTURE}._check_headers", 'coding.split(",")', "[coding]"),),
    ),
    Fault(
        "any coding is compression",
        "A picture whose storage calls its coding UTF-8 is refused.",
        (f"{REPLIES}test_picture_becomes_a_file_named_after_the_task[coding UTF-8]",
         f"{REPLIES}test_stream_gives_the_same_bytes[coding aws-chunked,identity]"),
        ((f"{PICTURE}._check_headers", "if not _CODECS.isdisjoint(", 'if coding not in ("", "identity") or not _CODECS.isdisjoint('),),
    ),
    Fault(
        "a part is taken for the whole",
        "A reply with status 206 becomes a file.",
        (f"{NO_FILE}[part]",),
        ((f"{PICTURE}.start", "if self._answer.status != 200:", "if self._answer.status >= 300:"),),
    ),
    Fault(
        "files of any size",
        "The bytes of a file are not counted.",
        (f"{REPLIES}test_bytes_are_counted_as_they_arrive",),
        ((f"{PICTURE}._receive", "if self.size > self._session.limits.file_bytes:", "if False:"),),
        is_about_ending=True,
    ),
    Fault(
        "results of any size",
        "The bytes of all files of a result are not counted together.",
        (f"{REPLIES}test_bytes_of_all_files_are_counted_together",),
        (("_core.download_session:DownloadSession.take", "return self.received <= self.limits.result_bytes", "return True"),),
    ),
    Fault(
        "any number of files",
        "A result may name as many files as it likes.",
        (f"{REPLIES}test_too_many_files_are_refused_before_the_first_request",),
        (("_core.download_session:DownloadSession.check", "if count > self.limits.resources:", "if False:"),),
    ),
    Fault(
        "a lost connection ends a download",
        "A download whose connection is lost is not tried again.",
        (f"{REPLIES}test_lost_connection_is_tried_once_more_from_the_start",),
        (("_core.download:begin", "if not tries_left:", "if True:"),),
    ),
    Fault(
        "a slow drip is waited for",
        "Nothing is asked of the speed of a download.",
        (f"{REPLIES}test_slow_server_is_left_in_time[stalls in the body]",),
        ((f"{PICTURE}._within_time", "yield step(began + min(limits.idle, allowed))", "yield step(began + 1000.0)"),),
        is_about_ending=True,
    ),
    # Names and places.
    Fault(
        "what is there is fetched again",
        "A file that is complete is fetched once more.",
        (f"{FILES}test_complete_file_is_not_fetched_again",),
        (("_core.download:save", "found = None if overwrite else", "found = None if True else"),),
    ),
    Fault(
        "what is there is replaced",
        "A file that appeared meanwhile is replaced.",
        (f"{FILES}test_file_that_appears_meanwhile_is_kept",),
        ((f"{PARTIAL}.place", "if overwrite:", "if True:"),),
    ),
    Fault(
        "an id names any file",
        "A task's id with slashes leads out of the folder.",
        (f"{FILES}test_hostile_task_id_stays_in_the_folder",),
        (("_io.files:stem_of", "if _PLAIN_ID.fullmatch(task_id):", "if True:"),),
    ),
    Fault(
        "names before bytes",
        "A file has its name before its bytes are on the disk.",
        (f"{FILES}test_bytes_are_on_the_disk_before_the_file_has_its_name",),
        ((f"{PARTIAL}.place", "_sync(self._descriptor)\n", "pass\n"),),
    ),
    Fault(
        "one failure ends all",
        "When one file cannot be had the others are not fetched.",
        (f"{FILES}test_one_failure_does_not_keep_the_other_files_from_coming",),
        (("_core.download:Batch.ended", "self._errors[index] = outcome", "self._errors[index] = outcome\n            self.stop()"),),
    ),
    Fault(
        "one file too many at a time",
        "Five files of a result are fetched at a time.",
        (f"{FILES}test_at_most_four_files_are_fetched_at_a_time",),
        (("_core.download:Batch.slots", "min(SLOTS, len(self._left))", "min(SLOTS + 1, len(self._left))"),),
    ),
    # Where from.
    Fault(
        "private addresses are connected",
        "A name that leads to an address of this machine or network is asked.",
        (f"{ADDRESSES}test_name_that_leads_inside_is_refused[['::1']]",),
        (("_core.url_policy:is_public", "return ip in _IPV6_ALLOWED and", "return True or"),),
    ),
    Fault(
        "mapped loopback is loopback",
        "What Python calls loopback is open on the port of an API on loopback.",
        (f"={SPELLINGS}test_each_form_of_a_refused_network_is_refused[127.0.0.0/8-http://127.0.0.1:8000]",),
        (("_core.url_policy:_is_loopback", "return any(", 'return bool(getattr(ip, "ipv4_mapped", None)) or any('),),
    ),
    Fault(
        "plain http is fetched",
        "A URL may have plain http on any host.",
        (f"={ADDRESSES}test_url_is_https_or_of_the_local_api_itself[http://127.0.0.1:8001/1-http://127.0.0.1:8000-not an https URL (http)]",),
        (("_core.url_policy:UrlPolicy.refusal", 'if url.scheme == "https" or', 'if url.scheme in ("https", "http") or'),),
    ),
    Fault(
        "redirects are believed",
        "Where a redirect leads is not looked at.",
        (f"{ADDRESSES}test_refused_url_is_never_asked_for[redirected-credentials]",),
        ((f"{PICTURE}._ask", "target = self._allowed(parse_url(str(self._hop.join(self._location()))))",
          "target = parse_url(str(self._hop.join(self._location())))"),),
    ),
    Fault(
        "one redirect too many",
        "Six redirects are followed.",
        (f"{ADDRESSES}test_redirects_end",),
        ((f"{PICTURE}._ask", "range(self._session.limits.redirects + 1)", "range(self._session.limits.redirects + 2)"),),
    ),
    Fault(
        "certificates are not verified",
        "Any certificate will do for a download.",
        (f"{ADDRESSES}test_certificate_is_verified",),
        (("_io.public_network:_context", "return _tls_context(", "return ssl._create_unverified_context() or _tls_context("),),
    ),
    # Expiry, secrets.
    Fault(
        "an expired URL is the end",
        "An expired URL is not read anew.",
        (f"{EXPIRY}test_expired_url_is_replaced_by_a_fresh_one",),
        ((f"{PICTURE}.start", "if self._answer.status in _EXPIRED:\n            yield from self._refresh_url()",
          "if False:\n            yield from self._refresh_url()"),),
    ),
    Fault(
        "each file reads the task anew",
        "Files of one result do not share the fresh reading.",
        (f"{EXPIRY}test_all_files_share_the_one_fresh_reading",),
        sync=(("_io.download_sync:_Rereading.urls", "if self._outcome is None and", "if"),),
        asynchronous=(("_io.download_async:_Rereading.urls", "if self._outcome is None and", "if"),),
    ),
    Fault(
        "the key goes to storage",
        "A download sends the key along.",
        (f"{DISCRETION}test_request_carries_nothing_but_the_url",),
        sync=(("_io.download_sync:DownloadConnection._get", "headers=HEADERS", 'headers={**HEADERS, "Authorization": "Bearer secret-key"}'),),
        asynchronous=(("_io.download_async:DownloadConnection._get", "headers=HEADERS", 'headers={**HEADERS, "Authorization": "Bearer secret-key"}'),),
    ),
    Fault(
        "a query stands in the log",
        "The log holds a URL with its signature.",
        (f"{DISCRETION}test_logs_never_hold_a_query",),
        ((f"{PICTURE}.__repr__", "file {self._index}", "file {self._index}, {self._url}"),),
    ),
    Fault(
        "a query stands in the error",
        "An error holds a URL with its signature.",
        (f"{NO_FILE}[text]",),
        (("_core.download_session:DownloadSession.error", "self.manifest.task_id, bare(url)", "self.manifest.task_id, url"),),
    ),
    Fault(
        "proxies of the environment are used",
        "A download goes through the proxy of the environment.",
        (f"{THROUGH}test_download_goes_direct_and_says_which_proxy_it_passed_by[{{client}}-by default]",),
        (("_core.download_session:DownloadSession.proxy", "environment_proxy(url) if self.manifest.through_proxy else None", "environment_proxy(url)"),),
    ),
    Fault(
        "private addresses are named to a proxy",
        "A proxy is asked for an address that is private as it stands.",
        (f"{THROUGH}test_private_literals_and_localhost_are_never_asked_for[{{client}}-10.0.0.1-False]",
         f"{THROUGH}test_private_literals_and_localhost_are_never_asked_for[{{client}}-[::ffff:10.0.0.1]-False]"),
        (("_core.download_session:DownloadSession.proxy", "if proxy is not None:", "if False:"),),
    ),
    Fault(
        "odd numbers are names to a proxy",
        "A proxy is asked for a number that some read as a private address.",
        (f"{THROUGH}test_private_literals_and_localhost_are_never_asked_for[{{client}}-167772161-False]",),
        (("_core.url_policy:UrlPolicy.check_unresolved", ' or re.match("[0-9]", last)', ""),),
    ),
    Fault(
        "a password stands in the error",
        "An error names a proxy with its password.",
        (f"{THROUGH}test_a_proxy_that_makes_no_connection_is_named_without_its_password[{{client}}-refuses with 407]",
         f"{THROUGH}test_download_goes_direct_and_says_which_proxy_it_passed_by[{{client}}-by default]"),
        ((f"{PICTURE}._about_proxy", "bare_proxy(self._proxy)", "self._proxy"), (f"{PICTURE}._about_proxy", "bare_proxy(proxy)", "proxy")),
    ),
)  # fmt: skip
