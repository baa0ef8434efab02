"""A paid request from its checks to its end: all of its rules, in one generator without I/O (see effects.py).

Each attempt is complete in itself: first a slot, then the intent in the journal, then a reservation in the
client's own budget, then the request, then its end. When the journal knows the reference already, nothing is sent
(see reference.py). A request goes out again only when it is proven that nothing left
(`RetryPolicy.connects`), or when the service refused it with 429 and the caller asked for that (`rate_limited`); it
holds no slot during the pause.

The first byte leaves only while more than half of `timeout` is left: what is sent late is bought, and its answer
missed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from modellix._core.attempt import Accepted, Attempt, End, PreparedRequest, SubmissionContext
from modellix._core.budget import Reservation
from modellix._core.effects import AttemptTrace, DeadlinePassed, Pause, Rules, SendRequest, WaitForSlot
from modellix._core.recorder import Recorder
from modellix._core.reference import NotGranted, at_work, follow
from modellix._core.replies import Collector
from modellix._core.submission_told import log_attempt, outcome_of, tell_end, tell_repeat
from modellix._entry import Entry, Intent
from modellix._records import evolve
from modellix.errors import (
    APIError,
    BudgetExceeded,
    ModellixError,
    NeverSentError,
    RateLimitError,
    SubmissionOutcomeUnknown,
)

CONNECT_SHARE = 6  # one step of connecting gets this part of `timeout`
_GRAIN = 0.02  # seconds; no clock is coarser, so a timer may go off that much too early


class SubmissionAttempts:
    """The attempts at one paid request, and what is known of it at every moment. Its time begins now."""

    def __init__(self, prepared: PreparedRequest, context: SubmissionContext, reference: str | None = None) -> None:
        self.is_stopped = False
        self._is_tried = False  # a request may have been sent, or there was no connection for it
        self.reference = reference
        self._context = context
        self._started = context.clock.now()
        self._deadline = self._started + context.timeout
        self._latest = self._started + context.timeout / 2
        self._spent = {"the queue": 0.0, "the journal": 0.0}  # seconds
        self._unsent = self._limited = 0
        self._attempt = Attempt(prepared, context, 0, context.clock.utc(), AttemptTrace())
        self._begun = self._started  # this attempt
        self._end: End | None = None
        self._reservation: Reservation | None = None
        self._entry: Entry | None = None

    def rules(self) -> Rules[End]:
        """What became of it. Raises BudgetExceeded, JournalError, or what the entry under the reference says.

        An exception from outside (cancellation, Ctrl-C, the caller's own on_retry) goes on unchanged; `known` then
        tells what is known of the submission.
        """
        try:
            end = yield from self._attempts()
        except GeneratorExit:
            raise
        except BaseException as error:
            if isinstance(error, ModellixError):
                error.reference = self.reference
            if self._is_tried:
                self._tell_end(self.known())
            raise
        self._tell_end(end)
        if self._attempt.trace.held is not None:
            raise self._attempt.trace.held
        return self._named(end)

    def known(self) -> End:
        """What became of it, as far as can be said now."""
        return self._named(self._attempt.interrupted() if self._end is None else self._end)

    def _named(self, end: End) -> End:
        if isinstance(end, ModellixError):
            end.reference = self.reference
        if isinstance(end, SubmissionOutcomeUnknown) and end.entry is None and self._entry is not None:
            end.entry = evolve(self._entry, granted=False)
        return end

    def stop(self) -> bool:
        """Nobody waits any more: what has not left does not leave. Is there a request that must go on?"""
        self.is_stopped = True
        trace = self._attempt.trace
        trace.is_stopped = trace.proves_unsent
        return not trace.is_stopped

    def _attempts(self) -> Rules[End]:
        last: End | None = None
        while True:
            try:
                end = yield from self._next_attempt()
            except NotGranted as answer:
                earlier = yield from self._follow(answer.entry)
                if earlier is None:
                    continue
                return earlier
            except BudgetExceeded:
                if last is None:
                    raise
                self._end = last
                return last
            if isinstance(last, RateLimitError) and isinstance(end, NeverSentError) and self._is_late():
                end = last
            self._end = last = end
            pause = self._pause(end)
            if pause is None:
                return end
            self._announce(end, pause)
            yield Pause(pause)

    def _next_attempt(self) -> Rules[End]:
        clock = self._context.clock
        self._end, self._begun = None, clock.now()
        trace = AttemptTrace(collector=Collector(secret=self._context.secret), is_stopped=self.is_stopped)
        last = self._attempt
        self._attempt = Attempt(last.prepared, self._context, last.number + 1, clock.utc(), trace)
        held: list[Callable[[], object]] = []
        try:
            try:
                yield WaitForSlot(self._latest, held)
            finally:
                self._spent["the queue"] += clock.now() - self._begun
            with at_work(self.reference):
                return (yield from self._use_slot())
        except DeadlinePassed:
            if held:
                raise
            return self._too_late()
        finally:
            for give_back in held:
                give_back()

    def _use_slot(self) -> Rules[End]:
        try:
            self._end = end = yield from self._send()
            yield from self._settle()
        except GeneratorExit:
            raise
        except BaseException:
            if self._end is None:
                self._end = self._attempt.interrupted()
            yield from self._settle()
            raise
        return end

    def _send(self) -> Rules[End]:
        if self._context.recorder is not None:
            began = self._context.clock.now()
            yield from self._begin(self._context.recorder)
            self._spent["the journal"] += self._context.clock.now() - began
        self._reservation = self._context.guard.take()
        self._is_tried = True
        effect = self._effect()
        try:
            reply = yield effect
        except Exception as error:
            if error is not self._attempt.trace.failure:
                raise
            end = self._attempt.failed(error)
            if isinstance(end, NeverSentError) and self._is_late():
                end = self._too_late(end)
            return end
        return self._attempt.answered(reply)

    def _effect(self) -> SendRequest:
        prepared = self._attempt.prepared
        return SendRequest(
            prepared.operation.method,
            prepared.url,
            self._deadline,
            self._attempt.trace,
            content=prepared.body,
            is_traced=True,
            latest=self._latest,
            longest_connect=self._context.timeout / CONNECT_SHARE,
            has_slot=True,
        )

    def _begin(self, recorder: Recorder) -> Rules[None]:
        prepared, clock = self._attempt.prepared, self._context.clock
        sent_at = self._attempt.sent_at
        until = clock.utc() + datetime.timedelta(seconds=self._deadline - clock.now())
        name, digest = prepared.operation.operation_id, prepared.fingerprint
        answers: list[Entry] = []

        def keep(entry: Entry) -> None:
            answers.append(entry)
            self._entry = entry if entry.granted else None

        yield from recorder.begin(Intent(name, digest, self.reference, sent_at, until, prepared.options), keep)
        if self._entry is None:
            raise NotGranted(answers[0])

    def _follow(self, entry: Entry) -> Rules[Accepted | None]:
        """What was bought under the reference; None when it is free again. Raises what else the entry says."""
        recorder, began = self._context.recorder, self._context.clock.now()
        assert recorder is not None
        self._end = self._attempt.never_sent("waiting for the journal")
        known = yield from follow(entry, self._attempt.prepared, recorder, self._context.clock, self._seconds_left)
        self._spent["the journal"] += self._context.clock.now() - began
        if known is not None:
            self._end = known
        return known

    def _seconds_left(self) -> float:
        """Until the deadline; none once nobody waits any more."""
        return 0.0 if self.is_stopped else self._deadline - self._context.clock.now()

    def _is_late(self) -> bool:
        return self._context.clock.now() >= self._latest - min(_GRAIN, self._context.timeout / 100)

    def _too_late(self, cause: NeverSentError | None = None) -> NeverSentError:
        """Says what used the time: the queue, the journal, or connecting with its pauses."""
        used, timeout = self._context.clock.now() - self._started, self._context.timeout
        shares = {**self._spent, "connecting": used - sum(self._spent.values())}
        name = max(shares, key=lambda each: shares[each])
        error = self._attempt.never_sent(
            f"{name} used {shares[name]:.2f} s, and less than half of the timeout of {timeout:g} s was left",
            "submit again, fewer at once or with a longer timeout",
        )
        error.__cause__ = None if cause is None else cause.__cause__
        return error

    def _pause(self, end: End) -> float | None:
        """Seconds before the next attempt; None when this end is final."""
        retry = self._context.retry
        if self.is_stopped or self._attempt.trace.held is not None:
            return None
        if isinstance(end, NeverSentError) and self._unsent < retry.connects:
            self._unsent += 1
            pause = retry.pause(self._unsent)
        elif isinstance(end, RateLimitError) and self._limited < retry.rate_limited:
            self._limited += 1
            pause = retry.pause(self._limited, end.retry_after)
        else:
            return None
        return pause if pause is not None and self._context.clock.now() + pause < self._latest else None

    def _announce(self, end: End, pause: float) -> None:
        """From here to the next attempt nothing is under way."""
        if isinstance(end, APIError):
            self._end = self._attempt.never_sent(f"refused with {end.status} and not sent again")
        self._attempt = evolve(self._attempt, trace=AttemptTrace())
        tell_repeat(self._attempt, end, self.reference, pause)

    def _tell_end(self, end: End) -> None:
        tell_end(self._attempt, end, self.reference, self._context.clock.now() - self._started)

    def _settle(self) -> Rules[None]:
        """Close the accounts of the attempt, each once: the log's, the budget's and the journal's."""
        if self._reservation is not None:
            reservation, self._reservation = self._reservation, None
            log_attempt(self._attempt, self._end, self.reference, self._context.clock.now() - self._begun)
            if isinstance(self._end, Accepted | SubmissionOutcomeUnknown):
                self._context.guard.keep(reservation)
            else:
                self._context.guard.give_back(reservation)
        if self._entry is not None:
            yield from self._record(self._entry)

    def _record(self, entry: Entry) -> Rules[None]:
        assert self._context.recorder is not None
        outcome, task_id = outcome_of(self._end), getattr(self._end, "task_id", None)
        if isinstance(self._end, SubmissionOutcomeUnknown):
            self._end.entry = evolve(entry, granted=False, outcome=outcome, task_id=task_id)
        yield from self._context.recorder.end(entry, outcome, task_id, self._recorded)
        self._recorded()

    def _recorded(self, _: None = None) -> None:
        self._entry = None
