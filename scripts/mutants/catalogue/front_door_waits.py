# ruff: noqa: E501 - one change to a line, like a table
"""Faults of the front door in reading tasks and in waiting for them."""

from __future__ import annotations

from scripts.mutants.catalogue.faults import Fault

READS = "waiting/test_reads.py::"
PAUSES = "waiting/test_pauses.py::"
STATES = "waiting/test_states.py::"
WAITS = "waiting/test_waits.py::"
PROPERTIES = "waiting/test_properties.py::"
FAULTS_OF_READS = "faults/test_reads.py::"

READING = "_core.read_task:_Reading"
POLLER = "_core.polling:TaskPoller"
SCHEDULER = "_core.polling:Scheduler"

FAULTS = (
    # Reads.
    Fault(
        "one read too many",
        "A read that fails is repeated once too often.",
        (f"{READS}test_a_lasting_fault_is_read_as_often_as_the_policy_says[0-408]",
         f"{READS}test_a_lasting_fault_is_read_as_often_as_the_policy_says[3-too slow]"),
        ((f"{READING}._pause", "self.attempt > retry.reads", "self.attempt > retry.reads + 1"),),
    ),
    Fault(
        "one read too few",
        "A read that fails is repeated once less.",
        (f"{READS}test_a_lasting_fault_is_read_as_often_as_the_policy_says[3-too slow]",
         f"{READS}test_a_passing_fault_is_read_again[3-503]"),
        ((f"{READING}._pause", "self.attempt > retry.reads", "self.attempt >= retry.reads"),),
    ),
    Fault(
        "every refusal is read again",
        "A read is repeated whatever the status.",
        (f"{READS}test_any_other_status_is_read_once",),
        ((f"{READING}._pause", "error.status in REPEATED_READS", "error.status"),),
    ),
    Fault(
        "a lost connection ends a read",
        "A read whose connection is lost is not repeated.",
        (f"{READS}test_a_passing_fault_is_read_again[1-no connection]",
         f"{READS}test_a_passing_fault_is_read_again[1-lost inside the body]"),
        ((f"{READING}._pause", "isinstance(error, ConnectionLostError) or", "False or"),),
    ),
    Fault(
        "a try may take all the time",
        "One try of a read may use up the whole time-out.",
        (f"{READS}test_one_try_gets_a_third_of_the_timeout", f"{READS}test_a_slow_try_is_given_up_and_repeated"),
        ((f"{READING}._try", "started + self.timeout / 3", "started + self.timeout"),),
    ),
    Fault(
        "the time-out is of each try",
        "A read is repeated beyond its deadline.",
        (f"{READS}test_slow_tries_and_pauses_together_end_by_the_timeout",
         f"{READS}test_a_later_try_gets_no_more_than_what_is_left"),
        ((f"{READING}._try", "min(self.deadline, started + self.timeout / 3)", "started + self.timeout / 3"),
         (f"{READING}._pause", "if pause is not None and self.reader.clock.now() + pause < self.deadline else None", ""),
         (f"{READING}.run", "if self.reader.clock.now() >= self.deadline:", "if False:")),
    ),
    Fault(
        "another task's answer is taken",
        "A read that answers with another task is believed.",
        (f"{STATES}test_a_task_that_cannot_be_read_has_failed_and_the_others_go_on[another task]",
         f"{FAULTS_OF_READS}test_a_reply_that_the_contract_does_not_know_is_unexpected[another task]"),
        ((f"{READING}._judge", " or (isinstance(answered, str) and answered != self.task_id)", ""),),
    ),
    Fault(
        "an id climbs out of its path",
        "A task's id is put into the path as it is.",
        (f"{FAULTS_OF_READS}test_an_id_stays_one_segment_of_the_path",),
        (("_core.replies:quote_id", 'return quote(task_id, safe="")', "return quote(task_id)"),),
    ),
    Fault(
        "ids of any kind are read",
        "An id with control characters is sent.",
        (f"{FAULTS_OF_READS}test_an_id_that_cannot_be_used_is_refused_locally",),
        (("_core.replies:is_usable_id", 'in ("Cc", "Cs")', 'in ("Cs",)'),),
    ),
    Fault(
        "a code within a 200 is overlooked by reads",
        "A `code` of 404 in a reply with status 200 is not taken for a refusal.",
        (f"{STATES}test_a_task_that_cannot_be_read_has_failed_and_the_others_go_on[code 404 with 200]",
         f"{FAULTS_OF_READS}test_an_error_code_with_200_is_treated_as_that_status"),
        ((f"{READING}._judge", "and 400 <= code < 600 else reply.status", "and 500 <= code < 600 else reply.status"),),
    ),
    # Pauses.
    Fault(
        "Retry-After is ignored",
        "The pause that the service asks for is not made.",
        (f"{PAUSES}test_the_asked_pause_is_made",),
        ((f"{READING}._pause", "retry.pause(self.attempt, self.asked)", "retry.pause(self.attempt)"),),
    ),
    Fault(
        "fractions of Retry-After are dropped",
        "The pause asked for is cut to whole seconds.",
        (f"{PAUSES}test_the_asked_pause_is_made",),
        (("policies:_retry_after", "max(0.0, seconds)", "max(0.0, float(int(seconds)))"),),
    ),
    Fault(
        "dates in Retry-After are not read",
        "A pause that is asked for as a date is not made.",
        (f"{PAUSES}test_dates_are_read_by_the_clock_of_the_client",),
        (("policies:_retry_after", "date = parsedate_to_datetime(text)", "raise ValueError"),),
    ),
    Fault(
        "X-RateLimit-Reset is ignored",
        "The other header that asks for a pause is not read.",
        (f"{PAUSES}test_dates_are_read_by_the_clock_of_the_client", f"={PAUSES}test_headers_ask_for_a_pause[reset from now]"),
        (("policies:asked_pause", 'headers.get("x-ratelimit-reset")', "None"),),
    ),
    Fault(
        "a reset is always a pause",
        "A time in X-RateLimit-Reset is taken for a number of seconds.",
        (f"{PAUSES}test_dates_are_read_by_the_clock_of_the_client", f"={PAUSES}test_headers_ask_for_a_pause[reset at an epoch]"),
        (("policies:_rate_limit_reset", "value >= _EPOCH_FROM", "False"),),
    ),
    Fault(
        "any pause is made",
        "A pause above the longest is made, however long it is.",
        (f"{PAUSES}test_a_pause_above_the_longest_ends_the_call",),
        (("policies:RetryPolicy.pause", "return asked if asked <= self.longest_pause else None", "return asked"),),
    ),
    Fault(
        "pauses do not double",
        "Every pause between two tries is as long as the first.",
        (f"{READS}test_pauses_double_with_jitter_up_to_the_longest",),
        (("policies:RetryPolicy._engine", "attempts_made=min(attempt, 60)", "attempts_made=1"),),
    ),
    Fault(
        "pauses have no jitter",
        "All clients pause for the same time.",
        (f"{READS}test_jitter_differs_from_pause_to_pause",),
        (("policies:RetryPolicy._engine", "backoff_jitter=0.25", "backoff_jitter=0.0"),),
    ),
    Fault(
        "the others look while one was asked to pause",
        "A pause asked for by one task does not hold the others back.",
        (f"{STATES}test_a_pause_asked_for_by_one_task_holds_all_back",),
        ((f"{SCHEDULER}._advance", "if effect.for_all:", "if False:"),),
    ),
    # Waits.
    Fault(
        "a wait without end",
        "A wait goes on beyond its deadline.",
        (f"{WAITS}test_a_wait_ends_at_its_deadline[wait_all]", f"{WAITS}test_a_wait_ends_at_its_deadline[wait]"),
        ((f"{POLLER}.run", "while self._left() > 0:", "while True:"),),
        is_about_ending=True,
    ),
    Fault(
        "a wait that gives up early",
        "A wait ends five seconds before its time.",
        (f"{WAITS}test_a_wait_ends_at_its_deadline",),
        ((f"{POLLER}._left", "self._deadline - self._reader.clock.now()", "self._deadline - self._reader.clock.now() - 5.0"),),
    ),
    Fault(
        "an unknown state is an end",
        "A task in a state that nobody knows has failed.",
        (f"{STATES}test_an_unknown_state_is_waited_on",),
        (("tasks:outcome_of", "if meaning is not Meaning.FAILED:", "if meaning is Meaning.RUNNING:"),),
    ),
    Fault(
        "an unknown state goes without a word",
        "A state that nobody knows brings no warning.",
        (f"{STATES}test_an_unknown_state_is_warned_about_once_a_task",),
        (("_core.waits:Wait._poller", "if meaning_of(snapshot.status) is None:", "if False:"),),
    ),
    Fault(
        "an unknown state is told at every look",
        "A state that nobody knows brings a warning each time that it is seen.",
        (f"{STATES}test_an_unknown_state_is_warned_about_once_a_task", f"{STATES}test_a_later_wait_does_not_warn_again"),
        (("_core.waits:Wait._warn", "if status not in warned:", "if True:"),),
    ),
    Fault(
        "a later wait warns again",
        "Each wait warns anew about a state that nobody knows.",
        (f"{STATES}test_a_later_wait_does_not_warn_again",),
        (("_core.waits:Wait._warn", "self._warned.setdefault(key, set())", "self.__dict__.setdefault(key, set())"),),
    ),
    Fault(
        "warnings are kept for ever",
        "The client remembers each task that it warned about, ended or not.",
        (f"{STATES}test_what_was_warned_about_is_forgotten_when_the_task_has_ended",),
        (("_core.waits:Wait.take", "self._warned.pop(key, None)", "pass"),),
    ),
    Fault(
        "ends in small letters only",
        "`SUCCESS` and `Failed` are no ends.",
        (f"{STATES}test_a_task_that_ended_well_is_a_result", f"{STATES}test_a_task_that_failed_keeps_whatever_came"),
        (("_core.task_status:meaning_of", "status.lower()", "status"),),
    ),
    Fault(
        "letters that only look alike",
        "A word with a letter of another script counts as an end.",
        (f"{STATES}test_an_unknown_state_is_waited_on",),
        (("_core.task_status:meaning_of", "or not status.isascii()", ""), ("_core.task_status:meaning_of", "status.lower()", "status.casefold()")),
    ),
    Fault(
        "white space passes",
        "A word with white space around counts as an end.",
        (f"{STATES}test_an_unknown_state_is_waited_on",),
        (("_core.task_status:meaning_of", "status.lower()", "status.strip().lower()"),),
    ),
    Fault(
        "the last seen status is not told",
        "A WaitTimeout knows no status of what is pending.",
        (f"{WAITS}test_a_timeout_tells_the_last_status_of_each_pending_task",),
        (("_core.waits:Wait.check_complete", "last_seen=last_seen", "last_seen=None"),),
    ),
    Fault(
        "the last seen status of the first handle only",
        "A status that another handle of the task has seen is not told.",
        (f"{WAITS}test_a_status_seen_before_the_wait_is_the_last_seen",),
        (("_core.waits:Wait._last_seen", "in self._handles[key]]", "in self._handles[key][:1]]"),),
    ),
    Fault(
        "results in the order of their ends",
        "`wait_all` returns what ended first first.",
        (f"{WAITS}test_results_are_in_the_order_given_whatever_ends_first",),
        (("_core.waits:Wait.results", "[self._outcomes[key] for key in self._order]", "list(self._outcomes.values())"),),
    ),
    Fault(
        "finished tasks are lost in a time-out",
        "A WaitTimeout does not hold what has finished.",
        (f"{WAITS}test_a_timeout_tells_what_has_finished_and_what_has_not",),
        (("_core.waits:Wait.check_complete", "finished=finished", "finished=[]"),),
    ),
    Fault(
        "every task is pending in a time-out",
        "A WaitTimeout lists tasks that have finished as pending.",
        (f"{WAITS}test_a_timeout_tells_what_has_finished_and_what_has_not",),
        (("_core.waits:Wait.check_complete", "finished=finished, pending=pending", "finished=finished, pending=list(self._handles)"),),
    ),
    Fault(
        "updates at every look",
        "`on_update` is called whether the state has changed or not.",
        (f"{WAITS}test_on_update_is_told_each_change_of_state",),
        (("tasks:_Handle.see", "changed, self.status", "changed, self.status = True, snapshot.status\n        _, self.status"),),
    ),
    Fault(
        "a refused key does not end a wait",
        "A wait goes on when the key is refused.",
        (f"{STATES}test_a_refused_key_or_account_ends_the_whole_wait",),
        ((f"{POLLER}._poll", "except (AuthenticationError, PaymentRequiredError):\n            raise", "except ZeroDivisionError:\n            raise"),),
    ),
    Fault(
        "a missed look fails the task",
        "A task that could not be read for a while has failed.",
        (f"{STATES}test_a_fault_that_outlasts_its_repeats_is_a_missed_look",),
        ((f"{POLLER}._poll", "if error.status not in REPEATED_READS and not isinstance(error, ServerError):", "if True:"),
         (f"{POLLER}._poll", "return self._miss(error)", "return self._unreadable(error)")),
    ),
    Fault(
        "intervals do not grow",
        "Tasks are looked at as often in the end as at the start.",
        (f"{WAITS}test_intervals_grow_from_first_to_longest",),
        ((f"{POLLER}._interval", "self._policy.first + age * GROWTH", "self._policy.first"),),
    ),
    Fault(
        "intervals grow without end",
        "The time between two looks exceeds the longest.",
        (f"{WAITS}test_intervals_grow_from_first_to_longest",),
        ((f"{POLLER}._interval", "min(self._policy.first + age * GROWTH, self._policy.longest)", "(self._policy.first + age * GROWTH)"),),
    ),
    Fault(
        "one read in flight too many",
        "More reads are under way at a time than was asked for.",
        (f"{PROPERTIES}test_reads_in_flight_reach_the_bound_and_never_exceed_it",),
        ((f"{SCHEDULER}.next_due", "self.in_flight < self._slots", "self.in_flight <= self._slots"),),
        sync=(("_io.sync_driver:SyncDriver._start", "range(self._slot_count)", "range(self._slot_count + 1)"),
              ("_io.sync_driver:SyncDriver.run_all", "min(self._slot_count, len(rules) or 1)", "len(rules) or 1")),
        asynchronous=(("_io.async_driver:AsyncDriver.bind", "Semaphore(self._slot_count)", "Semaphore(self._slot_count + 1)"),),
    ),
    Fault(
        "a task named twice comes once",
        "What a task that was named twice has ended with is told once.",
        (f"{WAITS}test_a_task_named_twice_is_read_once_and_returned_twice",),
        (("_core.waits:Wait.take", "return [outcome] * self._times_named[key]", "return [outcome]"),),
    ),
    Fault(
        "an ended task is waited for",
        "A handle on a task that has ended is looked at after a pause.",
        (f"{WAITS}test_a_task_that_has_ended_already_is_not_waited_for",),
        (("_core.waits:Wait.rules", "_is_to_be_read(handle.status)", "handle.status is None"),),
    ),
    Fault(
        "NaN is a time-out",
        "A time-out may be no number at all.",
        (f"{WAITS}test_a_timeout_that_is_no_number_of_seconds_is_refused",),
        (("policies:require_seconds", "not 0 <= value <= LONGEST_SECONDS", "value < 0"),),
    ),
    Fault(
        "a guest in asyncio's loop",
        "Code that another library drives within asyncio's loop is taken for asyncio's.",
        ("=test_other_loops.py::test_what_needs_asyncio_says_so_and_sends_nothing",),
        (("_io.loops:running_loop", "or asyncio.current_task(loop) is None", ""),),
    ),
    Fault(
        "no loop is no matter",
        "Without an event loop the error is whatever asyncio raises.",
        ("=test_other_loops.py::test_what_needs_asyncio_says_so_and_sends_nothing",),
        (("_io.loops:running_loop", "except RuntimeError:", "except ZeroDivisionError:"),),
    ),
)  # fmt: skip
