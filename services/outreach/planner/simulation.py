"""Youths in simulated time, by the rules of `workflows.youth_outreach` themselves.

One queue of instants: a youth's own next date, an answer, a task that can be done, somebody who comes or goes.
Staff do what can be done, by due date, as long as the day has room in their district.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from heapq import heappop, heappush
from uuid import UUID

from chassis.clock import STOCKHOLM
from contracts.messages import AnswerChannel
from contracts.outreach_workflow import Answered, CompleteTask, EndOfCoverage
from contracts.policy import OutreachPolicy
from contracts.reasons import EndReason, Step
from contracts.tasks import TaskKind, TaskSpec
from contracts.workdays import ONE_DAY, at_time, is_working_day, working_day_from
from services.outreach.planner import elusive, outcomes
from services.outreach.planner.assumptions import MINUTES, OTHER_MINUTES, Assumptions, Staffing
from services.outreach.planner.chance import Chance
from services.outreach.planner.intake import Intake, room_for
from services.outreach.planner.tally import NO_DISTRICT, Tally
from workflows.youth_outreach import timing
from workflows.youth_outreach.facts import heard
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.outcomes import decide, refusal
from workflows.youth_outreach.state import State

MORNING = time(9)
EVENING = time(17)


class _What(IntEnum):
    """In the order in which things that come at one instant are handled."""

    ENDS = 0
    COMES = 1
    ANSWERS = 2
    WAKES = 3
    DAY = 4  # staff come to work
    READY = 5


@dataclass(slots=True)
class _Youth:
    state: State
    chance: Chance
    elusive: bool
    wake: datetime | None = None


class Simulation:
    """Runs once. ``coming``: youths who will be registered, each with the instant. ``policy``: the one in force,
    by which the intake and the working days go; each youth has their own.
    """

    def __init__(
        self,
        youths: Iterable[State],
        coming: Sequence[tuple[datetime, State]],
        policy: OutreachPolicy,
        *,
        begins: datetime,
        ends: datetime,
        assumptions: Assumptions,
        staffing: Staffing,
        seed: int,
    ) -> None:
        self._policy = policy
        self._begins, self._ends = begins.astimezone(STOCKHOLM), ends
        self._assumptions, self._staffing, self._seed = assumptions, staffing, seed
        self._queue: list[tuple[datetime, int, int, int, UUID | None]] = []
        self._number = 0
        self._youths: list[_Youth] = []
        self._room: dict[str, float] = defaultdict(float)
        self._waiting: dict[str, list[tuple[datetime, int, int, UUID]]] = defaultdict(list)
        self._intake = Intake(staffing)
        self._not_begun: dict[UUID, int] = {}  # whose search has not begun, by episode
        self.tally = Tally(begins.date(), ends.date())
        for state in youths:
            self._add(state, self._begins)
        for at, state in coming:
            self._put(at, _What.COMES, len(self._youths))
            self._youths.append(self._youth(state))

    def run(self) -> Tally:
        """Return what was done, week by week, from the begin to the end."""
        self._put(self._begins, _What.DAY, 0)
        last = self._ends.astimezone(UTC)
        while self._queue and self._queue[0][0] < last:
            instant, what, _, index, task_id = heappop(self._queue)
            now = instant.astimezone(STOCKHOLM)
            match what:
                case _What.DAY:
                    self._day(now)
                case _What.COMES:
                    self.tally.count(now, self._youths[index].state.district, "registered")
                    self._add_events(index, now)
                case _What.READY if task_id is not None:
                    self._ready(index, task_id, now)
                case _What.WAKES:
                    self._wake(index, now)
                case _:
                    self._hear(index, _What(what), now)
        return self.tally

    # --- who is there ---

    def _youth(self, state: State) -> _Youth:
        chance = Chance(self._seed, state.youth_id)
        return _Youth(state, chance, chance.number("elusive", 0) < elusive.probability(state, self._assumptions))

    def _add(self, state: State, now: datetime) -> None:
        index = len(self._youths)
        self._youths.append(self._youth(state))
        for task in state.tasks:
            self._offer(index, task, now)
        self._add_events(index, now)

    def _add_events(self, index: int, now: datetime) -> None:
        youth = self._youths[index]
        if youth.state.step is Step.AWAITING_START:
            self._not_begun[youth.state.episode_id] = index
        if (wait := youth.chance.wait("ends", self._assumptions.ends_per_year)) is not None:
            self._put(now + wait, _What.ENDS, index)
        self._sleep(index, now)

    def _sleep(self, index: int, now: datetime) -> None:
        youth = self._youths[index]
        wake = timing.next_wake(youth.state) if youth.state.begun else now
        if wake is not None and wake != youth.wake:
            youth.wake = wake
            self._put(max(wake, now), _What.WAKES, index)

    def _put(self, at: datetime, what: _What, index: int, task_id: UUID | None = None) -> None:
        self._number += 1
        heappush(self._queue, (at.astimezone(UTC), what, self._number, index, task_id))

    # --- what happens ---

    def _wake(self, index: int, now: datetime) -> None:
        youth = self._youths[index]
        youth.wake = None
        while (move := timing.time_up(youth.state, now, timing.THEN.get(youth.state.step))) is not None:
            self._follow(index, move, now)
        self._sleep(index, now)

    def _hear(self, index: int, what: _What, now: datetime) -> None:
        state = self._youths[index].state
        event_id = UUID(int=self._number + (index << 64))
        fact: Answered | EndOfCoverage
        if what is _What.ENDS:
            reason = EndReason.STARTED_SCHOOL
            fact = EndOfCoverage(
                event_id=event_id, episode_id=state.episode_id, reason=reason, ended_on=now.date()
            )
        else:
            channel = AnswerChannel.ANSWER_PAGE
            fact = Answered(event_id=event_id, episode_id=state.episode_id, channel=channel, answered_at=now)
        if not timing.is_urgent(state, now):
            self._follow(index, heard(state, fact, now), now)
        self._sleep(index, now)

    def _follow(self, index: int, move: Move, now: datetime) -> None:
        """Take a move: count it, and draw what its letters and tasks lead to."""
        youth = self._youths[index]
        self.tally.note(now, move, first=not youth.state.reached)
        if youth.state.step is Step.AWAITING_START and move.state.step is not Step.AWAITING_START:
            self._not_begun.pop(youth.state.episode_id, None)
            self._intake.begins(move.state, now.date())
        youth.state = move.state
        for message in move.messages:
            share = 0.0 if youth.elusive else self._assumptions.answers.get(message.kind, 0.0)
            occasion = move.state.made(message.kind)
            if youth.chance.number(message.kind, occasion) < share:
                wait = youth.chance.days(f"{message.kind} answer", occasion, self._assumptions.answer_days)
                self._put(now + wait, _What.ANSWERS, index)
        for task in move.progress.opened if move.progress else ():
            self._offer(index, task, now)

    # --- the work of the staff ---

    def _offer(self, index: int, task: TaskSpec, now: datetime) -> None:
        average = self._assumptions.days(task.kind)
        wait = self._youths[index].chance.days(task.kind, task.attempt, average)
        if task.not_before is None:
            ready = now + wait
        else:
            ready = max(now, self._within_hours(index, task.not_before, wait))
        self._put(self._at_work(index, task, ready), _What.READY, index, task.task_id)

    def _within_hours(self, index: int, not_before: datetime, wait: timedelta) -> datetime:
        """Return when what was planned for some hours is done: in them, that day or so many days later."""
        at = not_before.astimezone(STOCKHOLM) + min(wait % ONE_DAY, timedelta(hours=2))
        if not (days := wait // ONE_DAY):
            return at
        day = working_day_from(self._youths[index].state.policy, at.date() + days * ONE_DAY)
        return at_time(day, at.time())

    def _at_work(self, index: int, task: TaskSpec, at: datetime) -> datetime:
        """Return when staff are at work from an instant on; calls and visits have their own hours."""
        if task.kind in (TaskKind.CALL, TaskKind.HOME_VISIT):
            return at
        policy, at = self._youths[index].state.policy, at.astimezone(STOCKHOLM)
        day = working_day_from(policy, at.date() + ONE_DAY * (at.time() >= EVENING))
        return max(at, at_time(day, MORNING))

    def _take_in(self, now: datetime) -> None:
        """The daily intake: searches begin as there is room for them."""
        waiting = (self._youths[index].state for index in self._not_begun.values())
        for episode_id in self._intake.picks(self._policy, waiting, now):
            index = self._not_begun[episode_id]
            state = self._youths[index].state
            self._follow(index, heard(state, room_for(state), now), now)
            self._sleep(index, now)

    def _day(self, now: datetime) -> None:
        """A new day: the intake, and then what has waited longest for room."""
        working = is_working_day(self._policy, now.date())
        self._take_in(now)
        districts = {*self._waiting, *(self._staffing.coordinators or ())}
        for district in districts:
            self._room[district] = self._staffing.minutes(district) if working else 0
            waiting = self._waiting[district]
            while waiting and self._room[district] > 0:
                _, _, index, task_id = heappop(waiting)
                self._do(index, task_id, now)
        for district, waiting in self._waiting.items():
            open_ones = (index for _, _, index, task_id in waiting if self._youths[index].state.task(task_id))
            self.tally.waiting(now, district, sum(1 for _ in open_ones))
        self._put(at_time(now.date() + ONE_DAY, MORNING), _What.DAY, 0)

    def _ready(self, index: int, task_id: UUID, now: datetime) -> None:
        state = self._youths[index].state
        task = state.task(task_id)
        if task is None:
            return
        district = state.district or NO_DISTRICT
        promised = task.kind is TaskKind.HOME_VISIT  # the door card has told the time
        unlimited = self._staffing.coordinators is None or state.protected
        if promised or unlimited or self._room[district] > 0:
            self._do(index, task_id, now)
        else:
            self._number += 1
            due = at_time(task.due_on, EVENING)
            heappush(self._waiting[district], (due, self._number, index, task_id))

    def _do(self, index: int, task_id: UUID, now: datetime) -> None:
        youth = self._youths[index]
        task = youth.state.task(task_id)
        if task is None:
            return
        outcome = outcomes.of(task, youth.state, youth.chance, self._assumptions, now, elusive=youth.elusive)
        if outcome is None:
            return  # the duty ends before it could be done
        decision = CompleteTask(decision_key=str(task_id), task_id=task_id, by="planner", outcome=outcome)
        if refusal(youth.state, decision, now) is not None:
            return  # ended this very day
        self._room[youth.state.district or NO_DISTRICT] -= MINUTES.get(task.kind, OTHER_MINUTES)
        self.tally.work(now, youth.state.district, outcome)
        self._follow(index, decide(youth.state, decision, now), now)
        self._sleep(index, now)
