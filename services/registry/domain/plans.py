"""What may become of a plan's parts from one version to the next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.documentation import AnswersFor, EffortResult, Party, PlanResult


@dataclass(frozen=True, slots=True)
class Effort:
    """What somebody answers for. ``party`` says which other party; ``ended_on`` comes with its result."""

    id: UUID
    answers_for: AnswersFor
    party: Party | None
    content: str
    planned_start: date
    planned_end: date | None
    ended_on: date | None = None
    result: EffortResult | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A day on which the plan is looked at again; ``done_on`` None: not done."""

    id: UUID
    due_on: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Individual planning (förordning 2006:39, 8-9 §§)."""

    goal: str
    made_on: date
    efforts: tuple[Effort, ...]
    follow_ups: tuple[FollowUp, ...]
    ended_on: date | None = None
    result: PlanResult | None = None


class Refusal(StrEnum):
    PART_LEFT_OUT = "part-left-out"  # nothing is deleted: an effort is broken off, a follow-up stays
    IN_THE_FUTURE = "in-the-future"
    BEFORE_THE_PLAN = "before-the-plan"
    ENDED_ALREADY = "ended-already"


class Refused(ValueError):
    """``field`` is where in the plan, such as ``efforts.1.ended_on``."""

    def __init__(self, why: Refusal, field: str) -> None:
        super().__init__(why)
        self.why, self.field = why, field


def check(before: Plan | None, after: Plan, today: date) -> None:
    """Raise Refused unless a plan (None: there is none yet) can become ``after`` today."""
    if before is not None:
        _check_nothing_left_out(before.efforts, after.efforts, "efforts")
        _check_nothing_left_out(before.follow_ups, after.follow_ups, "follow_ups")
    if after.made_on > today:
        raise Refused(Refusal.IN_THE_FUTURE, "made_on")
    for at, effort in enumerate(after.efforts):  # one may be broken off before it was planned to start
        if effort.ended_on is not None:
            _check_happened(effort.ended_on, after.made_on, today, f"efforts.{at}.ended_on")
    for at, follow_up in enumerate(after.follow_ups):
        if follow_up.done_on is not None:
            _check_happened(follow_up.done_on, after.made_on, today, f"follow_ups.{at}.done_on")


def new_texts(before: Plan | None, after: Plan) -> dict[str, str]:
    """Return the free texts that were not there before, by the name of their field."""
    known = set() if before is None else {before.goal, *(effort.content for effort in before.efforts)}
    texts = {"goal": after.goal} | {
        f"efforts.{at}.content": effort.content for at, effort in enumerate(after.efforts)
    }
    return {field: text for field, text in texts.items() if text not in known}


def check_end(plan: Plan, on: date, today: date) -> None:
    """Raise Refused unless a plan can have ended on a day."""
    if plan.ended_on is not None:
        raise Refused(Refusal.ENDED_ALREADY, "on")
    _check_happened(on, plan.made_on, today, "on")


def _check_nothing_left_out(
    before: Sequence[Effort | FollowUp], after: Sequence[Effort | FollowUp], field: str
) -> None:
    if {part.id for part in before} - {part.id for part in after}:
        raise Refused(Refusal.PART_LEFT_OUT, field)


def _check_happened(on: date, made_on: date, today: date, field: str) -> None:
    if on > today:
        raise Refused(Refusal.IN_THE_FUTURE, field)
    if on < made_on:
        raise Refused(Refusal.BEFORE_THE_PLAN, field)
