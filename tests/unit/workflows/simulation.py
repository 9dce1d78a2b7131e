"""One youth without Temporal: the pure functions, driven by hand, with the rules that must always hold."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.messages import OF_A_VISIT, MessageKind, MessageSpec
from contracts.outreach_activities import Progress
from contracts.outreach_workflow import (
    CompleteTask,
    Decided,
    EndOfCoverage,
    OutreachStart,
    RecordContact,
)
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    Outcome,
    PlanHomeVisitOutcome,
    StartStockholmOutcome,
    TaskKind,
    TaskSpec,
    TaskState,
)
from tests.workflows.samples import REGISTERED, start
from workflows.youth_outreach import dates
from workflows.youth_outreach.facts import Fact, heard
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.outcomes import Refusal, decide, refusal
from workflows.youth_outreach.state import Begin, State
from workflows.youth_outreach.timing import THEN, is_urgent, next_wake, time_up


class Simulation:
    """A youth in civil time. Every move is checked against the rules below."""

    def __init__(self, start: OutreachStart, now: datetime) -> None:
        self.state, self.now = State.of(start), now
        self.progress: list[Progress] = []
        self.sent: list[tuple[datetime, MessageSpec]] = []
        self.tasks: dict[UUID, TaskSpec] = {}
        self._ids: set[UUID] = set()
        self.catch_up()

    # --- what happens ---

    def catch_up(self) -> None:
        """Do all that time calls for now."""
        for _ in range(20):
            move = time_up(self.state, self.now, THEN.get(self.state.step))
            if move is None:
                break
            self._carry_out(move)
        else:
            raise AssertionError("time is always up: the workflow would spin")
        wake = next_wake(self.state)
        assert wake is None or wake.astimezone(UTC) > self.now.astimezone(UTC), "the workflow would spin"

    def passes(self, wait: timedelta) -> None:
        """Let time pass, waking at every instant at which something is due."""
        until = self.now + wait
        while (wake := next_wake(self.state)) is not None and dates.is_past(wake, until):
            self.now = max(self.now, wake.astimezone(self.now.tzinfo))
            self.catch_up()
        self.now = max(self.now, until)

    def passes_until(self, moment: datetime | None) -> None:
        if moment is not None and not dates.is_past(moment, self.now):
            self.passes(moment.astimezone(UTC) - self.now.astimezone(UTC))

    def time_is_up(self) -> None:
        """Let time pass until the step's own time is up, or until the task can be done."""
        due = self.state.due or next((task.not_before for task in self.state.tasks), None)
        self.passes_until(due)

    def hears(self, fact: Fact) -> None:
        assert not is_urgent(self.state, self.now)
        self._carry_out(heard(self.state, fact, self.now))
        self.catch_up()

    def ends(self, reason: EndReason) -> None:
        """The register says that the duty has ended."""
        self.hears(
            EndOfCoverage(
                event_id=uuid4(), episode_id=self.state.episode_id, reason=reason, ended_on=self.now.date()
            )
        )

    def decides(self, decision: Decision) -> Decided | Refusal:
        """Give a decision; a repeat gets the first answer."""
        key = decision.decision_key
        if key in self.state.decided:
            return self.state.decided[key]
        if no := refusal(self.state, decision, self.now):
            return no
        move = decide(self.state, decision, self.now)
        assert move.progress is not None, "a decision is always recorded"
        assert move.progress.decision_key == key
        self._carry_out(move)
        decided = Decided.after(move.progress)
        self.state = self.state.having_decided(key, decided)
        self.catch_up()
        return decided

    def completes(self, outcome: Outcome) -> Decided | Refusal:
        """Complete the open task that fits the outcome."""
        task = next(task for task in self.state.tasks if task.kind is outcome.kind)
        return self.decides(
            CompleteTask(decision_key=str(uuid4()), task_id=task.task_id, by="anna", outcome=outcome)
        )

    def contacts(self, way: ReachedBy) -> Decided | Refusal:
        return self.decides(RecordContact.model_validate({"decision_key": str(uuid4()), "by": "anna", "way": way}))

    def continues_as_new(self) -> None:
        """The state goes through the payload converter, and comes back the same."""
        restored = Begin.model_validate_json(Begin(self.state).model_dump_json()).root
        assert restored == self.state
        assert isinstance(restored, State)
        self.state = restored

    def never_answers_until(self, step: Step) -> None:
        """Go the way of who never answers, as far as a step, or to where the duty ends before."""
        for _ in range(20):
            if self.state.step in (step, Step.ENDED, Step.MANUAL):
                return
            before = self.state.step
            self.time_is_up()
            if self.state.step is not before:
                continue
            match [task.kind for task in self.state.tasks]:
                case [TaskKind.START_STOCKHOLM]:
                    self.completes(StartStockholmOutcome(result="unknown"))
                case [TaskKind.CALL]:
                    self.completes(CallOutcome(result=CallResult.NO_ANSWER))
                case [TaskKind.PLAN_HOME_VISIT]:
                    at = dates.first_visit_time(self.state.policy, self.now, self.state.last_covered_day)
                    assert at is not None
                    self.completes(PlanHomeVisitOutcome(visit_at=at, staff=("anna", "bo")))
                case [TaskKind.HOME_VISIT]:
                    self.completes(HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME))

    # --- what was seen ---

    @property
    def steps(self) -> list[Step]:
        return [progress.step for progress in self.progress]

    def was_sent(self, kind: MessageKind) -> int:
        return sum(message.kind is kind for _, message in self.sent)

    # --- what must always hold ---

    def _carry_out(self, move: Move) -> None:
        before, self.state = self.state, move.state
        if move.progress is not None:
            self._check_recorded(before, move.progress)
        else:
            assert self.state.tasks == before.tasks or self.state.episode_id != before.episode_id
        self._check_sent(move.messages)
        self._check_standing()

    def _check_recorded(self, before: State, progress: Progress) -> None:
        self._new_id(progress.progress_id)
        assert progress.youth_id == before.youth_id
        assert progress.episode_id == before.episode_id
        assert not self.progress or progress.at >= self.progress[-1].at
        for closure in progress.closed:
            task = self.tasks.pop(closure.task_id)  # it was open
            if closure.state is TaskState.COMPLETED:
                assert closure.outcome is not None
                assert closure.outcome.kind is task.kind
        for opened in progress.opened:
            self._new_id(opened.task_id)
            self.tasks[opened.task_id] = opened
            assert opened.not_before is None or opened.due_on >= opened.not_before.date()
        if progress.started:
            assert not before.started
            days = timedelta(days=before.policy.start_within_days) + self.state.held_for
            late = progress.at.date() > before.registered_on + days
            assert progress.start_late == late
        if progress.step is Step.ENDED:
            assert progress.ended
            assert not self.tasks
        self.progress.append(progress)

    def _check_sent(self, messages: tuple[MessageSpec, ...]) -> None:
        for message in messages:
            self._new_id(message.message_id)
            assert self.state.step not in (Step.ENDED, Step.ON_HOLD)
            assert not self.state.protected, "nothing is sent to who is protected"
            assert self.now < dates.end_of_duty(self.state.last_covered_day), "nothing is sent after the duty"
            assert (message.kind in OF_A_VISIT) == (message.visit_at is not None)
            self.sent.append((self.now, message))
        assert len({message.kind for message in messages}) == len(messages)

    def _check_standing(self) -> None:
        state = self.state
        assert {task.task_id for task in state.tasks} == set(self.tasks)
        if state.step is Step.ON_HOLD:
            assert state.due is not None
        at_hand = [task for task in state.tasks if task.kind is not TaskKind.REPORT_ADDRESS]
        assert len(at_hand) <= (state.step is not Step.ON_HOLD), "one thing at a time, and none during a hold"
        if state.protected and state.begun and state.step is not Step.ENDED:
            assert state.step in (Step.MANUAL, Step.ON_HOLD)
        if state.step is Step.MANUAL:
            assert [task.kind for task in state.tasks] == [TaskKind.PROTECTED]
        if state.begun and state.step is not Step.ENDED:
            assert state.due is not None or state.tasks, "nobody may be forgotten"
            assert state.due is None or state.step in THEN, "a step that waits for staff has no time of its own"

    def _new_id(self, made: UUID) -> None:
        assert made not in self._ids
        self._ids.add(made)


def youth_at(step: Step, **changes: Any) -> Simulation:
    """Return a youth who never answered and stands at a step, when the time of its task has come."""
    youth = Simulation(start(**changes), REGISTERED)
    youth.never_answers_until(step)
    assert youth.state.step is step
    youth.passes_until(next((task.not_before for task in youth.state.tasks if step is not Step.DOOR_CARD), None))
    return youth
