"""Running one youth's state in Temporal: waiting, recording, sending, and continuing as new.

Every message goes through one queue and is handled in turn, between the steps of `run`. So there is one
place where the state changes, and whatever comes at whatever instant has the result that the pure functions
give it. Only `workflow.*` and pure code here: the module is passed through the sandbox.
"""

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from chassis.clock import STOCKHOLM
from chassis.temporal_tracing import Sender, on_behalf_of, sender
from contracts.base import Contract
from contracts.messages import MessageKind, MessageSpec
from contracts.notifications_activities import NOTIFICATIONS_QUEUE, QUEUE_MESSAGES, QueueMessages
from contracts.outreach_activities import OUTREACH_QUEUE, RECORD_PROGRESS
from contracts.outreach_workflow import Decided, OutreachStart
from contracts.reasons import Step
from workflows.youth_outreach import holding, summary
from workflows.youth_outreach.dates import is_past
from workflows.youth_outreach.facts import Fact, heard
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.outcomes import Refusal, decide, refusal
from workflows.youth_outreach.state import Begin, State
from workflows.youth_outreach.timing import TimeUp, is_urgent, next_wake, time_up

# An activity is tried until it succeeds: a youth must not be lost to another service's bad day.
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)
START_TO_CLOSE = timedelta(seconds=15)
# An activity that refuses to be retried has a bug. It is mended by a deploy; meanwhile we ask now and then.
AFTER_A_BUG = timedelta(minutes=30)
# Continue as new past this many events, and earlier where a youth stays for months: replay costs per event.
MANY_EVENTS = 200
MANY_EVENTS_FOR_A_LONG_STAY = 60
LONG_STAYS = frozenset({Step.SUPPORT, Step.WATCH, Step.MANUAL, Step.ON_HOLD})
# Timers are set in whole milliseconds, and the server may fire them up to one early.
MILLISECOND = timedelta(milliseconds=1)


class Course:
    """The course of one youth's outreach. Made in `@workflow.init`: messages can come before `run`."""

    def __init__(self, begin: OutreachStart | State) -> None:
        self.state = begin if isinstance(begin, State) else State.of(begin)
        self._queue: deque[tuple[Sender, Fact | Decision]] = deque()
        self._asked: set[str] = set()  # keys of decisions that wait for their answer
        self._refused: dict[str, Refusal] = {}
        self._unsent: list[MessageSpec] = []
        self._sending: asyncio.Task[None] | None = None
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None
        self._alarm_for = ""
        workflow.set_current_details(summary.details(self.state))  # a new run begins without

    # --- what comes in ---

    def tell(self, fact: Fact) -> None:
        """Queue a fact."""
        self._queue.append((sender(), fact))

    def check(self, decision: Decision) -> None:
        """Raise ApplicationError when a decision cannot fit now. One that is repeated is not judged again."""
        repeated = decision.decision_key in self._asked or decision.decision_key in self.state.decided
        if not repeated and (no := refusal(self.state, decision, self._now())):
            _refuse(no)

    async def decide(self, decision: Decision) -> Decided:
        """Queue a decision, and return its answer once its transition is recorded.

        Raises ApplicationError of a type in `REFUSALS` when it did not fit when its turn came.
        """
        key = decision.decision_key
        if key not in self.state.decided and key not in self._asked:
            self._asked.add(key)
            self._refused.pop(key, None)
            self._queue.append((sender(), decision))
        await workflow.wait_condition(lambda: key in self.state.decided or key in self._refused)
        if key in self.state.decided:
            return self.state.decided[key]
        _refuse(self._refused[key])

    # --- what `run` does ---

    async def wait(self, then: TimeUp | None = None) -> None:
        """Wait for the next thing to happen, and carry out what follows: the one shape of all waiting.

        Races messages (answers, staff decisions, register changes) with time: the end of the duty, the
        letter before it, and the step's own time, after which the step does ``then``.
        """
        if not self._queue and time_up(self.state, self._now(), then) is None:
            await self._sleep()
        now = self._now()
        if self._queue and not is_urgent(self.state, now):
            await self._take(now)
        elif move := time_up(self.state, now, then):
            await self._carry_out(move)

    async def is_over(self) -> bool:
        """After the end: give what still comes its answer; False when a new episode has begun."""
        await workflow.wait_condition(lambda: bool(self._queue) or workflow.all_handlers_finished())
        if self._queue:
            await self._take(self._now())
            return False
        return True

    # --- inside ---

    def _now(self) -> datetime:
        """The civil time; never before the alarm that rang, for the mapping of a fast clock rounds."""
        now = self.state.clock.civil(workflow.now())
        if self._alarm_at is not None and self._alarm is not None and self._alarm.done():
            rang = self._alarm_at.astimezone(STOCKHOLM)
            return now if is_past(rang, now) else rang
        return now

    async def _sleep(self) -> None:
        """Sleep until a message comes or the next thing is due. A timer that is still right is kept."""
        if self._may_renew():
            await workflow.wait_condition(lambda: bool(self._queue) or workflow.all_handlers_finished())
            if self._queue:
                return
            workflow.continue_as_new(Begin(self.state))
        wake = next_wake(self.state)
        if wake != self._alarm_at or self._alarm is None or self._alarm.done() or self._tells_another(wake):
            self._set_alarm(wake)
        await workflow.wait_condition(lambda: bool(self._queue) or self._alarm is None or self._alarm.done())

    def _set_alarm(self, wake: datetime | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, wake
        if wake is not None:
            wait = self.state.clock.real(wake) - workflow.now().astimezone(UTC)
            whole = max(wait, timedelta(0)) // MILLISECOND + 1
            self._alarm_for = summary.timer(self.state, wake)
            self._alarm = asyncio.create_task(workflow.sleep(whole * MILLISECOND, summary=self._alarm_for))

    def _tells_another(self, wake: datetime | None) -> bool:
        """Return whether the timer is to be set anew so that it tells the task at hand: two events."""
        if wake is None or not self.state.policy.timers_tell_tasks:
            return False
        return summary.timer(self.state, wake) != self._alarm_for

    def _may_renew(self) -> bool:
        """Continue as new when the history is long for where the youth stands, and nothing is under way."""
        info = workflow.info()
        many = MANY_EVENTS_FOR_A_LONG_STAY if self.state.step in LONG_STAYS else MANY_EVENTS
        long = info.get_current_history_length() >= many or info.is_continue_as_new_suggested()
        return long and not self._unsent

    async def _take(self, now: datetime) -> None:
        """Handle the message whose turn it is, in the trace of its sender."""
        sent_by, message = self._queue.popleft()
        with on_behalf_of(sent_by):
            if isinstance(message, Fact):
                await self._carry_out(heard(self.state, message, now))
                return
            if no := refusal(self.state, message, now):
                self._refused[message.decision_key] = no
            else:
                await self._carry_out(decide(self.state, message, now))
            self._asked.discard(message.decision_key)

    async def _carry_out(self, move: Move) -> None:
        """Record a move, then send. Nothing is sent that is not recorded; both are repeated until they succeed."""
        self.state = move.state
        self._recall()
        self._show()
        if move.progress is not None:
            await self._insist(RECORD_PROGRESS, move.progress, OUTREACH_QUEUE, move.progress.step)
            if key := move.progress.decision_key:
                self.state = self.state.having_decided(key, Decided.after(move.progress))
        if move.messages:
            self._unsent.extend(move.messages)
            if self._sending is None or self._sending.done():
                self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        """Hand messages to notifications, beside the run: staff need not wait while that service is down."""
        while self._unsent:
            batch = tuple(self._unsent)
            messages = QueueMessages(
                youth_id=self.state.youth_id, episode_id=self.state.episode_id, messages=batch
            )
            kinds = ", ".join(message.kind for message in batch)
            await self._insist(QUEUE_MESSAGES, messages, NOTIFICATIONS_QUEUE, kinds)
            self._unsent = [message for message in self._unsent if message not in batch]

    def _recall(self) -> None:
        """Drop what notifications has not taken yet and what must or need not be sent any more."""
        if not self._unsent or not _ends_the_search(self.state):
            return
        keeps = self.state.step is Step.MAPPING
        kept = [m for m in self._unsent if keeps and m.kind is MessageKind.TURNS_20_LETTER]
        if kept == self._unsent:
            return
        if self.state.step is Step.ON_HOLD:
            self.state = holding.not_handed_over(self.state, tuple(self._unsent))
        self._unsent = kept
        if self._sending is not None:
            self._sending.cancel()
        self._sending = asyncio.create_task(self._send()) if kept else None

    def _show(self) -> None:
        """Show operations where the youth stands; what is the same already costs no event."""
        workflow.set_current_details(summary.details(self.state))
        if updates := summary.attribute_updates(self.state, workflow.info().typed_search_attributes):
            workflow.upsert_search_attributes(updates)

    async def _insist(self, activity: str, argument: Contract, task_queue: str, what: str) -> None:
        """Have an activity done, however long it takes."""
        while True:
            try:
                await workflow.execute_activity(
                    activity,
                    argument,
                    task_queue=task_queue,
                    start_to_close_timeout=START_TO_CLOSE,
                    retry_policy=RETRY,
                    summary=what.replace("_", " "),
                )
                return
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise asyncio.CancelledError from error
                workflow.logger.error("activity refused", extra={"activity": activity})
                await workflow.sleep(AFTER_A_BUG, summary=f"{activity} refused: a bug")


def _ends_the_search(state: State) -> bool:
    return not state.begun or state.step in (Step.MANUAL, Step.ENDED, Step.MAPPING, Step.ON_HOLD)


def _refuse(no: Refusal) -> NoReturn:
    raise ApplicationError(no.message, type=no.type, non_retryable=True)
