"""The rules that hold whatever happens (issue and plan 4.2.2), judged by what the services were asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from contracts.notifications_activities import QueueMessages
from contracts.outreach_activities import Progress
from contracts.outreach_workflow import REFUSALS, Decided
from contracts.policy import OutreachPolicy
from contracts.reasons import ReachedBy, Step
from contracts.tasks import CallOutcome, CallResult, TaskKind, TaskSpec
from tests.workflows.model.asked import Asked, Run
from tests.workflows.records import Records

# A new series of calls begins after these.
NEW_SERIES = (Step.FIRST_CONTACT, Step.MAPPING, Step.MANUAL)
AFTER_CALLS = (Step.TRIED_TO_REACH, Step.DOOR_CARD)
SILENT = (Step.ENDED, Step.ON_HOLD, Step.MANUAL)
ANSWERS = (ReachedBy.SMS_ANSWER, ReachedBy.ANSWER_PAGE)


class Rule(Enum):
    ONE_CALL = "never two open call tasks"
    ONE_THING = "never two things for staff to do at once, besides the report of a wrong address"
    TWO_STAFF = "never a visit with fewer than two staff"
    SILENCE = "never a send when ended, held or protected"
    THREE_CALLS = "never fewer than three attempts before a door card, or before we write that we tried"
    NEXT_STEP = "every youth always has a next step with a date, or is ended"
    ONCE = "an answer counts once, however often it is delivered"
    ONE_ANSWER = "a decision has one answer: what was recorded, or why it was refused"
    DONE = "what the services are asked is done, once and in order"
    NEVER_STUCK = "every order of things has a result: nothing stops a workflow"


class Broken(AssertionError):
    """A rule does not hold."""

    def __init__(self, rule: Rule, what: str) -> None:
        super().__init__(f"{rule.value}\n  {what}")
        self.rule, self.what = rule, what


def rule(rule: Rule, holds: bool, what: object) -> None:
    if not holds:
        raise Broken(rule, str(what))


@dataclass(slots=True)
class _Series:
    """The attempts since calling began, and the episode's step."""

    step: Step | None = None
    attempts: int = 0
    searched: bool = False
    call_backs: int = 0
    language_needed: bool = False


@dataclass(slots=True)
class Standing:
    """Where a youth stands by what was recorded, in order. Raises Broken."""

    policy: OutreachPolicy
    open: dict[UUID, TaskSpec] = field(default_factory=dict)
    episodes: dict[UUID, _Series] = field(default_factory=lambda: defaultdict(_Series))
    answers: set[object] = field(default_factory=set)

    def take(self, one: Progress) -> None:
        series = self.episodes[one.episode_id]
        for closure in one.closed:
            rule(Rule.DONE, closure.task_id in self.open, f"closes a task that is not open: {closure}")
            del self.open[closure.task_id]
            if isinstance(closure.outcome, CallOutcome):
                self._called(series, closure.outcome.result)
        for task in one.opened:
            self.open[task.task_id] = task
            series.searched = series.searched or task.kind is TaskKind.FIND_CONTACT_DETAILS
            if task.kind is TaskKind.HOME_VISIT:
                rule(Rule.TWO_STAFF, len(set(task.staff)) >= 2, f"staff: {task.staff}")
        kinds = [task.kind for task in self.open.values() if task.kind is not TaskKind.REPORT_ADDRESS]
        rule(Rule.ONE_CALL, kinds.count(TaskKind.CALL) <= 1, kinds)
        rule(Rule.ONE_THING, len(kinds) <= 1, kinds)
        if one.step in AFTER_CALLS and one.step is not series.step:
            enough = series.attempts >= 3 or series.searched
            rule(Rule.THREE_CALLS, enough, f"attempts: {series.attempts}")
        if one.step in NEW_SERIES and one.step is not series.step:
            series.attempts, series.call_backs, series.searched = 0, 0, False
        series.step = one.step
        rule(Rule.NEXT_STEP, one.ended is not None or one.due is not None, f"nothing is due after {one.step}")
        if one.reached and one.reached.by in ANSWERS:
            rule(Rule.ONCE, one.reached.at not in self.answers, f"the answer of {one.reached.at}")
            self.answers.add(one.reached.at)

    def _called(self, series: _Series, result: CallResult) -> None:
        match result:
            case CallResult.WRONG_NUMBER | CallResult.REACHED | CallResult.DECLINED:
                return
            case CallResult.CALL_BACK if series.call_backs < self.policy.call_backs:
                series.call_backs += 1
            case CallResult.LANGUAGE_NEEDED if not series.language_needed:
                series.language_needed = True
            case _:  # no answer, voicemail, somebody else; or put off once more than the policy lets
                series.attempts += 1


def standing(policy: OutreachPolicy, recorded: Iterable[Progress]) -> Standing:
    """Return where a youth stands. Raises Broken."""
    stands = Standing(policy)
    for one in recorded:
        stands.take(one)
    return stands


def judge_asked(stands: Standing, asked: Sequence[Asked]) -> None:
    """Judge what the workflows asked of the services, after what had led there. Raises Broken."""
    for one in asked:
        if isinstance(one.what, Progress):
            stands.take(one.what)
            if one.what.step in SILENT:
                kinds = [message.kind.value for message in one.under_way]
                rule(Rule.SILENCE, not kinds, f"{kinds} were being sent, and are not recalled at {one.what.step}")
        else:
            step = stands.episodes[one.what.episode_id].step
            kinds = [message.kind.value for message in one.what.messages]
            rule(Rule.SILENCE, step is not None and step not in SILENT, f"{kinds} sent at {step}")


def judge_runs(runs: Sequence[Run], recorded: Sequence[Progress]) -> None:
    """Judge that the workflow waits with a timer, or is over since the duty has ended. Raises Broken."""
    for run in runs:
        rule(Rule.NEVER_STUCK, not run.failures, run.failures)
    last, ended = runs[-1], recorded[-1].ended
    rule(Rule.NEXT_STEP, last.completed or last.timers > 0, "the workflow waits without a timer")
    rule(Rule.NEXT_STEP, last.completed is (ended is not None), f"over: {last.completed}, ended: {ended}")


def judge_done(youth: UUID, asked: Sequence[Asked], led: Sequence[Progress], records: Records) -> None:
    """Judge that the services saw what they were asked. Raises Broken."""
    moves = [one.what.progress_id for one in asked if isinstance(one.what, Progress)]
    seen = [one.progress_id for one in records.progress[youth][len(led) :]]
    rule(Rule.DONE, seen == moves, f"asked to record {moves}, recorded {seen}")
    sends = [(one, one.what.messages) for one in asked if isinstance(one.what, QueueMessages)]
    sent = {message.message_id for message in records.messages[youth]}
    wanted = {message.message_id for _, messages in sends for message in messages}
    rule(Rule.DONE, sent <= wanted, "a message was sent that nobody asked for")
    certain = {message.message_id for one, messages in sends if not one.recalled for message in messages}
    rule(Rule.DONE, certain <= sent, "a message was asked for, and not sent")


def judge_decisions(results: Sequence[tuple[str, Decided | str]], recorded: Sequence[Progress]) -> None:
    """Judge the answers that staff got, by decision key; a text is why there was none. Raises Broken."""
    by_key: dict[str, list[Progress]] = defaultdict(list)
    for one in recorded:
        if one.decision_key:
            by_key[one.decision_key].append(one)
    for key, progress in by_key.items():
        rule(Rule.ONE_ANSWER, len(progress) == 1, f"decision {key} was recorded {len(progress)} times")
    answered = {key for key, result in results if isinstance(result, Decided)}
    rule(Rule.ONE_ANSWER, answered == set(by_key), f"answered {answered}, recorded {set(by_key)}")
    for key, result in results:
        if isinstance(result, Decided):
            expected = Decided.after(by_key[key][0])
            rule(Rule.ONE_ANSWER, result == expected, f"answered {result}, recorded {expected}")
        else:
            rule(Rule.ONE_ANSWER, result in REFUSALS, f"decision {key}: {result}")
