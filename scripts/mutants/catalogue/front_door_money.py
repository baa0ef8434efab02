# ruff: noqa: E501 - one change to a line, like a table
"""Faults of the front door in what is sent and paid for, in what replies mean, and in what is counted and recorded."""

from __future__ import annotations

from scripts.mutants.catalogue.faults import Fault

TABLE = "faults/test_submissions.py::test_each_fault_has_the_end_that_the_table_gives_it"
EACH_STATUS = "faults/test_submissions.py::test_each_status_has_the_end_that_the_table_gives_it"
CONNECTING = "faults/test_connecting.py::"
GUARD = "faults/test_guard.py::"
KILL = "faults/test_kill.py::"
JOURNAL = "test_journal.py::"

ATTEMPTS = "_core.submission:SubmissionAttempts"
ATTEMPT = "_core.attempt:Attempt"
JUDGE = f"{ATTEMPT}.answered"
TIME = "faults/test_time.py::"
BACKGROUND = "faults/test_background.py::"
HELD = "faults/test_held.py::"


def row(name: str) -> str:
    """A row of the table of what becomes of a submission."""
    return f"{TABLE}[{name}-gpt_image_2]"


FAULTS = (
    # What is sent again.
    Fault(
        "an unknown outcome is sent again",
        "A submission whose outcome is unknown is sent once more.",
        ("faults/test_connecting.py::test_an_unknown_outcome_after_a_429_is_final", row("close after the whole request")),
        ((f"{ATTEMPTS}._pause", "isinstance(end, NeverSentError) and", "isinstance(end, NeverSentError | SubmissionOutcomeUnknown) and"),
         (f"{ATTEMPTS}._pause", "self._unsent < retry.connects", "self._unsent < 1")),
    ),
    Fault(
        "429 is sent again unasked",
        "A submission refused with 429 is sent once more than was asked for.",
        (row("status 429 with nonsense for Retry-After"),),
        ((f"{ATTEMPTS}._pause", "self._limited < retry.rate_limited", "self._limited <= retry.rate_limited"),),
    ),
    Fault(
        "429 is never sent again",
        "A submission refused with 429 is not sent again, however often that was asked for.",
        (f"{CONNECTING}test_a_429_is_sent_again_as_often_as_asked",),
        ((f"{ATTEMPTS}._pause", "self._limited < retry.rate_limited", "self._limited < 0"),),
    ),
    Fault(
        "one connection too many is tried",
        "A submission that could not be connected is tried once too often.",
        (f"{CONNECTING}test_a_refused_connection_is_tried_again[2-gpt_image_2]",),
        ((f"{ATTEMPTS}._pause", "self._unsent < retry.connects", "self._unsent <= retry.connects"),),
    ),
    Fault(
        "one connection too few is tried",
        "A submission that could not be connected is tried once less.",
        (f"{CONNECTING}test_a_refused_connection_is_tried_again[2-gpt_image_2]",),
        ((f"{ATTEMPTS}._pause", "self._unsent < retry.connects", "self._unsent < retry.connects - 1"),),
    ),
    Fault(
        "a lost reply counts as never sent",
        "That the first byte has left is not noted, so a lost reply looks like a request that never left.",
        (row("close after the whole request"), row("close within the headers")),
        (("_core.effects:AttemptTrace.note_event", "self.sent = is_first_byte", "self.sent = False"),),
    ),
    Fault(
        "a CONNECT counts as the request",
        "What is said to a proxy counts as the submission having left.",
        (f"{CONNECTING}test_a_proxy_that_makes_no_connection_is_never_sent[refuses CONNECT with 403-gpt_image_2]",),
        (("_core.effects:AttemptTrace.note_event", ' and info["request"].method != b"CONNECT"', ""),),
    ),
    Fault(
        "the pause of the service is not kept by submissions",
        "A submission refused with 429 goes out again without the pause that was asked for.",
        (f"{CONNECTING}test_the_pause_that_the_service_asks_for_is_kept",),
        ((f"{ATTEMPTS}._pause", "retry.pause(self._limited, end.retry_after)", "retry.pause(self._limited)"),),
    ),
    # What a reply means.
    Fault(
        "a task id in a refusal is overlooked",
        "An error status whose body holds a task id counts as refused.",
        (row("status 400 with an id"), row("status 400 with a numeric id")),
        ((JUDGE, "if found.text and (reply.status >= 400", "if False and (reply.status >= 400"),),
    ),
    Fault(
        "code false is a success",
        "`code` may be false.",
        (row("code False with 200 and an id"),),
        (("_core.replies:is_success_code", "type(code) is int and code == 0", "code == 0"),),
    ),
    Fault(
        "5xx is a refusal",
        "A submission answered with 500 counts as refused, so that it costs nothing and may be sent again.",
        (f"{KILL}test_each_end_is_recorded[unknown-gpt_image_2]",),
        ((JUDGE, "if counted in REFUSALS:", "if counted in REFUSALS or counted >= 500:"),),
    ),
    Fault(
        "409 is a refusal",
        "A submission answered with 409 counts as refused.",
        (f"{EACH_STATUS}[gpt_image_2]",),
        ((JUDGE, "if counted in REFUSALS:", "if counted in REFUSALS or counted == 409:"),),
    ),
    Fault(
        "the code within a 200 is overlooked",
        "A `code` of 400 in a reply with status 200 is not taken for a refusal.",
        (row("code 400 with 200"),),
        ((JUDGE, "code if is_2xx and type(code) is int else reply.status", "reply.status"),),
    ),
    Fault(
        "any id is a task's",
        "A task id that can stand in no path makes a task.",
        (row("the id '..' of str that cannot be used"), row("the id '5' of int that cannot be used")),
        ((JUDGE, "and found.text and found.is_usable", "and found.text"),),
    ),
    Fault(
        "a cut reply is taken as it is",
        "A reply whose end is missing counts as whole.",
        (row("close after the id"), row("claim one byte too many")),
        (("_core.effects:AttemptTrace.reply", '"" if self.is_whole else "cut"', '""'),),
    ),
    Fault(
        "an id in text that is no JSON is lost",
        "A reply that is not JSON is not searched for the id of what was bought.",
        (row("JSON that is cut"), row("status 400 with an id in text that is not JSON")),
        (("_core.replies:find_task_id", "_ids_in_text(reply.body) if payload is NOT_JSON else _ids_in(payload)",
          "[] if payload is NOT_JSON else _ids_in(payload)"),),
    ),
    Fault(
        "replies of any size are read",
        "A reply is read to its end, however long it is.",
        (row("a whole reply of 20 MB"),),
        (("_core.replies:Collector.add", "return self.size <= LARGEST_BODY", "return True"),
         ("_core.replies:Collector.reply", "if self.size > LARGEST_BODY:", "if False:")),
    ),
    Fault(
        "a second reply is the next answer",
        "A connection on which more has come than was asked for is used again.",
        ("faults/test_submissions.py::test_the_second_of_two_replies_is_not_taken_for_the_answer_to_the_next_request",),
        (("_io.transports:has_leftovers", "return any(_unread(connection) for connection in connections)", "return False"),),
    ),
    Fault(
        "a redirect is followed",
        "A redirect of a submission is followed, with the key.",
        ("faults/test_submissions.py::test_a_redirect_to_another_port_is_not_followed",
         "faults/test_reads.py::test_a_redirect_is_not_followed_and_the_key_goes_nowhere"),
        sync=(("_io.sync_driver:SyncDriver._send_through", "response = transport.handle_request(request)\n",
               ('response = transport.handle_request(request)\n'
               '            if "location" in response.headers:\n'
               '                request.url = request.url.join(response.headers["location"])\n'
               '                response = httpx.HTTPTransport().handle_request(request)\n')),),
        asynchronous=(("_io.async_driver:AsyncDriver._send_through", "response = await transport.handle_async_request(request)\n",
                       ('response = await transport.handle_async_request(request)\n'
                       '            if "location" in response.headers:\n'
                       '                request.url = request.url.join(response.headers["location"])\n'
                       '                response = await httpx.AsyncHTTPTransport().handle_async_request(request)\n')),),
    ),
    # What is counted.
    Fault(
        "one submission too many",
        "`max_submissions` and budgets allow one more.",
        (f"{GUARD}test_budget_exceeded_sends_nothing_and_says_so", f"{GUARD}test_reservations_come_back_after_never_sent"),
        (("_core.budget:_require", "used >= limit.most", "used > limit.most"),),
    ),
    Fault(
        "one submission too few",
        "`max_submissions` and budgets allow one less.",
        (f"{GUARD}test_reservations_come_back_after_never_sent", f"{GUARD}test_a_limit_broken_locally_reserves_nothing"),
        (("_core.budget:_require", "used >= limit.most", "used >= limit.most - 1"),),
    ),
    Fault(
        "a refusal uses up a place",
        "A refused submission counts as one that was paid for.",
        (f"{GUARD}test_what_was_refused_within_a_budget_gives_its_reservation_back", row("code 400 with 200")),
        ((f"{ATTEMPTS}._settle", "isinstance(self._end, Accepted | SubmissionOutcomeUnknown)",
          "isinstance(self._end, Accepted | SubmissionOutcomeUnknown | APIError)"),),
    ),
    Fault(
        "an unknown outcome is free",
        "A submission whose outcome is unknown gives its place back.",
        (row("close after the whole request"), row("an empty body")),
        ((f"{ATTEMPTS}._settle", "isinstance(self._end, Accepted | SubmissionOutcomeUnknown)",
          "isinstance(self._end, Accepted)"),),
    ),
    Fault(
        "a place comes back twice",
        "A refused submission gives back more than it took.",
        (f"{GUARD}test_what_was_refused_within_a_budget_gives_its_reservation_back", f"{GUARD}test_reservations_come_back_after_never_sent"),
        (("_core.budget:SpendGuard.give_back", "limit.used -= 1", "limit.used -= 2"),),
    ),
    Fault(
        "a budget never ends",
        "A budget goes on when its block is over.",
        (f"{GUARD}test_what_was_refused_within_a_budget_gives_its_reservation_back",),
        (("_core.budget:Budget.__exit__", "self._guard.remove(self._open.pop())", "self._open.pop()"),),
    ),
    Fault(
        "limits are not checked again before sending",
        "A request that was broken in place is sent.",
        (f"{GUARD}test_a_request_broken_in_place_reserves_nothing",),
        (("_core.attempt:prepare_request", "check_body(request)", "request.to_dict()"),),
    ),
    Fault(
        "what is spent for good is looked at last",
        "A submission that the budget cannot allow any more queues and is recorded first.",
        (f"{TIME}test_an_entry_whose_submission_the_budget_refuses_ends_as_never_sent",),
        ((f"{ATTEMPTS}.rules", "self._context.guard.check()", "pass"),),
    ),
    Fault(
        "what others have reserved is refused before it queues",
        "A submission is refused although one before it in the queue may make room.",
        (f"={TIME}test_what_queues_behind_a_refused_submission_gets_its_part_of_the_budget",),
        (("_core.budget:SpendGuard.check", "limit.kept", "limit.used"),),
    ),
    # The time.
    Fault(
        "half of the time is not demanded",
        "A submission leaves however little of its time is left.",
        (f"{TIME}test_the_time_is_looked_at_immediately_before_the_first_byte",),
        (("_core.effects:Driver._may_leave", "self.clock.now() >= latest_start(effect)", "False"),),
    ),
    Fault(
        "the queue may take all of the time",
        "A submission queues until its deadline.",
        (f"{TIME}test_what_has_queued_for_half_of_its_time_is_not_sent",),
        ((f"{ATTEMPTS}._next_attempt", "WaitForSlot(self._latest, held)", "WaitForSlot(self._deadline, held)"),),
    ),
    Fault(
        "a mock is handed what has no time left",
        "A transport that does not report its steps gets a submission that comes too late.",
        (f"{TIME}test_a_mock_transport_is_not_handed_what_has_no_time_left",),
        (("_core.effects:Driver._request", "if to_connect <= 0:", "if left <= 0:"),),
    ),
    Fault(
        "connecting may take all of the time",
        "Connecting goes on until the deadline.",
        (f"{TIME}test_all_connecting_shares_the_first_half",),
        sync=(("_io.deadline:DeadlineBackend.left", "latest_start(exchange) if is_connecting else exchange.deadline", "exchange.deadline"),
              (f"{ATTEMPTS}._pause", "+ pause < self._latest", "+ pause < self._deadline")),
        asynchronous=(("_io.async_driver:AsyncDriver._step", "self._seconds_to(latest_start(effect))", "self._seconds_to(effect.deadline)"),
                      (f"{ATTEMPTS}._pause", "+ pause < self._latest", "+ pause < self._deadline")),
    ),
    Fault(
        "one step of connecting takes all that is left",
        "A dead address uses up the time of the others.",
        (f"{TIME}test_one_step_of_connecting_gets_a_sixth_of_the_time",),
        ((f"{ATTEMPTS}._effect", "self._context.timeout / CONNECT_SHARE", "self._context.timeout"),),
    ),
    Fault(
        "a repeat after 429 may leave less than half of the time",
        "A submission refused with 429 pauses although it cannot be sent again in time.",
        (f"{CONNECTING}test_a_pause_that_leaves_less_than_half_of_the_time_ends_the_call_at_once",),
        ((f"{ATTEMPTS}._pause", "+ pause < self._latest", "+ pause < self._deadline"),),
    ),
    Fault(
        "the slot comes after the intent",
        "What queues is recorded already, so that a kill leaves an entry for each.",
        (f"{TIME}test_killed_with_many_in_the_queue_the_journal_lists_those_that_were_sent",
         f"{TIME}test_no_more_entries_are_open_than_there_are_slots"),
        ((f"{ATTEMPTS}._next_attempt", "yield WaitForSlot(self._latest, held)", "pass"),
         (f"{ATTEMPTS}._effect", "has_slot=True", "has_slot=False")),
    ),
    Fault(
        "a slot is not given back",
        "A submission that is to be sent again keeps others from being sent meanwhile.",
        (f"={TIME}test_no_slot_is_held_during_a_pause",),
        ((f"{ATTEMPTS}._next_attempt", "give_back()", "pass"),),
    ),
    # Cancelled.
    Fault(
        "a cancelled exchange is cut",
        "A submission that has left is cut when its caller is cancelled, and its reply is lost.",
        (f"={BACKGROUND}test_a_cancelled_submission_that_has_left_becomes_a_task[by_hand]",),
        asynchronous=(("_io.background:Background._leave", "if not goes_on:", "if True:"),),
    ),
    Fault(
        "what is cancelled before it has left is sent",
        "A submission goes on although its caller was cancelled while nothing had left.",
        (f"={BACKGROUND}test_cancelled_while_the_intent_is_recorded_nothing_is_sent",),
        asynchronous=(("_io.background:Background._leave", "goes_on = submission.stop()", "goes_on = True"),),
    ),
    Fault(
        "a cancelled submission is sent again",
        "A submission whose caller was cancelled is repeated after 429.",
        (f"={BACKGROUND}test_a_cancelled_submission_is_not_sent_again",),
        asynchronous=((f"{ATTEMPTS}._pause", "self.is_stopped or", ""),),
    ),
    Fault(
        "the end of a cancelled submission is not told",
        "What is set on the exception stays unknown.",
        (f"={BACKGROUND}test_a_cancelled_submission_that_has_left_becomes_a_task[by_hand]",),
        asynchronous=(("_io.background:Background._leave", "work.add_done_callback(tell)", "pass"),),
    ),
    Fault(
        "closing does not wait",
        "`aclose` leaves the exchanges of cancelled submissions to themselves.",
        (f"={BACKGROUND}test_aclose_waits_for_what_has_left",),
        asynchronous=(("_io.async_driver:AsyncDriver.aclose", "await self._background.wait()", "pass"),),
    ),
    Fault(
        "a cancelled closing cuts nothing",
        "The exchanges of cancelled submissions go on after `aclose` was cancelled.",
        (f"={BACKGROUND}test_a_cancelled_aclose_cuts_what_has_left[False]",),
        asynchronous=(("_io.background:Background.cut", "work.cancel()", "pass"),),
    ),
    Fault(
        "an interrupted wait is not held",
        "Ctrl-C or an alarm during the wait for a paid reply loses the reply.",
        (f"={HELD}test_an_exception_during_the_wait_for_the_reply_is_held[Alarm-plain]",),
        sync=(("_io.deadline:DeadlineBackend.interrupted", "if can_be_held and exchange.is_traced and trace.sent and trace.held is None:", "if False:"),),
    ),
    Fault(
        "the second exception is held as well",
        "The wait for a paid reply cannot be left.",
        (f"={HELD}test_the_second_exception_goes_at_once[Alarm]",),
        sync=(("_io.deadline:DeadlineBackend.interrupted", "and trace.held is None:", "and True:"),),
        is_about_ending=True,
    ),
    Fault(
        "an alarm is taken for the network's",
        "A TimeoutError of a signal handler's counts as a lost connection, and the submission goes on.",
        (f"={HELD}test_before_the_first_byte_an_exception_goes_at_once[Alarm-the handshake]",),
        sync=((f"{ATTEMPTS}._send", "if error is not self._attempt.trace.failure:", "if False:"),),
    ),
    # The journal.
    Fault(
        "the intent is recorded afterwards",
        "A submission is sent before its intent is on disk.",
        (f"{KILL}test_the_intent_is_on_disk_before_the_first_byte_leaves", f"{KILL}test_no_record_no_purchase"),
        ((f"{ATTEMPTS}._send", "yield Blocking(self._begin)", "pass"),
         (f"{ATTEMPTS}._record", "assert self._entry is not None", "self._begin()"),
         (f"{ATTEMPTS}._settle", "if self._entry is not None:", "if self._context.journal is not None:")),
    ),
    Fault(
        "an unknown outcome is recorded as refused",
        "The journal does not tell what may have been bought.",
        (f"{KILL}test_each_end_is_recorded[unknown-gpt_image_2]",),
        (("_core.submission:_outcome", 'return "unknown"', 'return "refused"'),),
    ),
    Fault(
        "a task id is not recorded",
        "The journal does not know which task was bought.",
        (f"{KILL}test_each_end_is_recorded[accepted-gpt_image_2]",
         f"{KILL}test_resume_gives_the_accepted_tasks_that_nobody_has_seen_end"),
        ((f"{ATTEMPTS}._record", 'getattr(self._end, "task_id", None)', "None"),),
    ),
    Fault(
        "finished tasks are resumed",
        "The journal is not told that a task has ended.",
        (f"{KILL}test_resume_gives_the_accepted_tasks_that_nobody_has_seen_end",),
        (("_core.read_task:_Reading.run", "if is_end(snapshot.status):", "if False:"),),
    ),
    Fault(
        "the journal holds the prompt",
        "The body of a submission stands in the journal.",
        (f"{KILL}test_the_file_is_for_its_owner_alone_and_holds_no_secret",),
        ((f"{ATTEMPTS}._begin", "prepared.fingerprint, self", "prepared.body.decode(), self"),),
    ),
    Fault(
        "a journal stays open after its block",
        "The end of a `with` block closes no file.",
        (f"={JOURNAL}test_an_error_within_the_block_passes_and_the_file_is_closed",),
        (("journal:SqliteJournal.__exit__", "self.close()", "pass"),),
    ),
    Fault(
        "an inherited journal is closed",
        "A child closes the connection that its parent opened.",
        (f"={JOURNAL}test_a_connection_of_another_process_is_kept_and_not_closed",),
        (("journal:_close_own", "if owner == os.getpid():", "if True:"),),
    ),
    Fault(
        "an inherited journal is used",
        "A child writes with the connection that its parent opened.",
        (f"={JOURNAL}test_a_connection_of_another_process_is_kept_and_not_closed",),
        (("journal:SqliteJournal._open", "or self._owner != os.getpid()", ""),),
    ),
)  # fmt: skip
