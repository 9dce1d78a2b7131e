"""What each outcome of each task leads to."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.messages import MessageKind
from contracts.outreach_workflow import (
    Decided,
)
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    Outcome,
    ProtectedOutcome,
    ReportAddressOutcome,
    TaskGroup,
    TaskKind,
    TaskState,
)
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import REGISTERED, policy, start
from workflows.youth_outreach import steps


def reached(**changes: Any) -> Simulation:
    youth = youth_at(Step.CALLING, **changes)
    youth.completes(CallOutcome(result=CallResult.REACHED))
    return youth


def in_support() -> Simulation:
    youth = reached()
    youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT))
    return youth


def opened(youth: Simulation) -> list[TaskKind]:
    return [task.kind for task in youth.progress[-1].opened]


@pytest.mark.parametrize(
    ("outcome", "step", "opens", "by", "watch"),
    [
        (CallOutcome(result=CallResult.REACHED), Step.MAPPING, TaskKind.MAPPING, ReachedBy.CALL, None),
        (CallOutcome(result=CallResult.DECLINED), Step.WATCH, None, ReachedBy.CALL, WatchReason.DECLINED),
        (CallOutcome(result=CallResult.NO_ANSWER), Step.CALLING, TaskKind.CALL, None, None),
        (CallOutcome(result=CallResult.VOICEMAIL), Step.CALLING, TaskKind.CALL, None, None),
        (CallOutcome(result=CallResult.WRONG_NUMBER), Step.CALLING, TaskKind.FIND_CONTACT_DETAILS, None, None),
        (CallOutcome(result=CallResult.THIRD_PARTY), Step.CALLING, TaskKind.CALL, None, None),
        (CallOutcome(result=CallResult.LANGUAGE_NEEDED), Step.CALLING, TaskKind.CALL, None, None),
        (
            HomeVisitOutcome(result=HomeVisitResult.REACHED),
            Step.MAPPING,
            TaskKind.MAPPING,
            ReachedBy.HOME_VISIT,
            None,
        ),
        (
            HomeVisitOutcome(result=HomeVisitResult.GUARDIAN_REACHED),
            Step.MAPPING,
            TaskKind.MAPPING,
            ReachedBy.GUARDIAN,
            None,
        ),
        (
            HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME),
            Step.WATCH,
            None,
            None,
            WatchReason.NOT_REACHED,
        ),
        (
            HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE),
            Step.HOME_VISIT,
            TaskKind.REPORT_ADDRESS,
            None,
            None,
        ),
        (
            HomeVisitOutcome(result=HomeVisitResult.UNSAFE),
            Step.HOME_VISIT,
            TaskKind.OFFICE_MEETING,
            None,
            None,
        ),
        (
            HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF),
            Step.TRIED_TO_REACH,
            TaskKind.PLAN_HOME_VISIT,
            None,
            None,
        ),
    ],
)
def test_calls_and_visits(
    outcome: Outcome, step: Step, opens: TaskKind | None, by: ReachedBy | None, watch: WatchReason | None
) -> None:
    at = Step.CALLING if outcome.kind is TaskKind.CALL else Step.HOME_VISIT
    youth = youth_at(at)
    task = youth.state.tasks[0]
    decided = youth.completes(outcome)

    progress = youth.progress[-1]
    assert progress.step is step
    assert opened(youth) == ([opens] if opens else [])
    assert (progress.reached.by if progress.reached else None) is by
    assert (progress.watch.reason if progress.watch else None) is watch
    assert [(c.task_id, c.state, c.outcome, c.by) for c in progress.closed] == [
        (task.task_id, TaskState.COMPLETED, outcome, "anna")
    ]
    assert decided == Decided(step=step, next_task=next(iter(progress.opened), None), due=progress.due)


@pytest.mark.parametrize(
    ("result", "occupation", "reason"),
    [
        (MappingResult.OCCUPIED, Occupation.WORK, WatchReason.WORKS),
        (MappingResult.OCCUPIED, Occupation.STUDIES, WatchReason.STUDIES_OTHER),
        (MappingResult.OCCUPIED, Occupation.OTHER, WatchReason.OTHER_OCCUPATION),
        (MappingResult.OCCUPIED, Occupation.UNKNOWN, WatchReason.OTHER_OCCUPATION),
        (MappingResult.DECLINES, Occupation.WORK, WatchReason.DECLINED),
    ],
)
def test_mapping_leads_to_watch(result: MappingResult, occupation: Occupation, reason: WatchReason) -> None:
    youth = reached()
    youth.completes(MappingOutcome(result=result, occupation=occupation))
    assert youth.state.step is Step.WATCH
    watch = youth.progress[-1].watch
    assert watch is not None
    assert watch.reason is reason
    assert watch.recontact_on == youth.now.date() + youth.state.policy.watch_intervals[reason]


def test_support_is_followed_up_until_it_ends() -> None:
    youth = in_support()
    assert youth.steps[-1] is Step.SUPPORT
    for attempt in (1, 2):
        follow_up = youth.state.tasks[0]
        assert (follow_up.kind, follow_up.attempt) == (TaskKind.FOLLOW_UP, attempt)
        assert follow_up.not_before == youth.now + youth.state.policy.follow_up_interval
        youth.time_is_up()
        youth.completes(FollowUpOutcome(result=FollowUpResult.CONTINUES))
    youth.completes(FollowUpOutcome(result=FollowUpResult.ENDED, occupation=Occupation.NONE))
    assert youth.state.step is Step.WATCH
    watch = youth.progress[-1].watch
    assert watch is not None
    assert watch.reason is WatchReason.MEASURE_ENDED


def test_support_that_ends_in_work_is_watched_as_work() -> None:
    youth = in_support()
    youth.completes(FollowUpOutcome(result=FollowUpResult.ENDED, occupation=Occupation.WORK))
    watch = youth.progress[-1].watch
    assert watch is not None
    assert watch.reason is WatchReason.WORKS


def test_a_talk_that_did_not_come_about_leads_back_to_three_calls() -> None:
    youth = reached()
    youth.completes(MappingOutcome(result=MappingResult.NO_CONVERSATION))
    assert youth.state.step is Step.CALLING
    youth.never_answers_until(Step.TRIED_TO_REACH)
    attempts = [task.attempt for progress in youth.progress for task in progress.opened if task.kind == "call"]
    assert attempts == [1, 1, 2, 3]


def test_a_wrong_number_is_no_attempt_and_a_few_of_them_end_the_calls() -> None:
    youth = youth_at(Step.CALLING, policy=policy(wrong_numbers=3, contact_searches=0))
    youth.completes(CallOutcome(result=CallResult.NO_ANSWER))
    for _ in range(youth.state.policy.wrong_numbers):
        assert youth.state.tasks[0].attempt == 2
        youth.time_is_up()
        youth.completes(CallOutcome(result=CallResult.WRONG_NUMBER))
    assert youth.state.step is Step.TRIED_TO_REACH


def test_a_second_visit_is_made_when_the_policy_has_two() -> None:
    youth = youth_at(Step.HOME_VISIT, policy=policy(home_visits=2))
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME))
    assert (youth.state.step, opened(youth)) == (Step.TRIED_TO_REACH, [TaskKind.PLAN_HOME_VISIT])
    assert youth.state.tasks[0].attempt == 2
    youth.never_answers_until(Step.WATCH)
    assert youth.was_sent(MessageKind.DOOR_CARD) == 2


def test_a_visit_that_was_called_off_does_not_count() -> None:
    youth = youth_at(Step.DOOR_CARD)
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF))  # before its time
    assert youth.state.tasks[0].kind is TaskKind.PLAN_HOME_VISIT
    youth.never_answers_until(Step.HOME_VISIT)
    assert youth.state.visits == 0


def test_a_wrong_address_is_reported_and_then_the_youth_is_watched() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    youth.completes(ReportAddressOutcome(result="reported"))
    assert youth.state.step is Step.WATCH


def test_a_wrong_address_is_reported_even_when_the_youth_is_found_meanwhile() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    youth.contacts(ReachedBy.INBOUND_CALL)
    assert {task.kind for task in youth.state.tasks} == {TaskKind.REPORT_ADDRESS, TaskKind.MAPPING}
    youth.completes(ReportAddressOutcome(result="reported"))
    assert youth.state.step is Step.MAPPING
    assert [task.kind for task in youth.state.tasks] == [TaskKind.MAPPING]


def test_no_visit_is_planned_when_the_duty_ends_before_it_could_be_made() -> None:
    youth = youth_at(Step.TRIED_TO_REACH)
    soon = youth.now.date() + youth.state.policy.tried_window + timedelta(days=3)
    turned = steps.plan_visit(
        Simulation(start(last_covered_day=soon), REGISTERED).state, youth.now + youth.state.policy.tried_window
    )
    assert turned.state.step is Step.WATCH
    assert not turned.messages


def test_the_lighter_round_after_a_watch_is_a_letter_and_calls() -> None:
    youth = youth_at(Step.WATCH)
    sent = len(youth.sent)
    youth.time_is_up()
    assert youth.state.step is Step.FIRST_CONTACT
    youth.time_is_up()
    youth.never_answers_until(Step.WATCH)
    assert [message.kind for _, message in youth.sent[sent:]] == [MessageKind.RECONTACT_LETTER]
    assert youth.steps[-5:] == [Step.FIRST_CONTACT, *[Step.CALLING] * 3, Step.WATCH]


@pytest.mark.parametrize(("result", "by"), [("reached", ReachedBy.MANUAL), ("not_reached", None)])
def test_a_protected_youth_stays_with_the_special_handlers(result: Any, by: ReachedBy | None) -> None:
    youth = Simulation(start(protected=True, district=None), REGISTERED)
    youth.completes(ProtectedOutcome(result=result))
    progress = youth.progress[-1]
    assert progress.step is Step.MANUAL
    assert (progress.reached.by if progress.reached else None) is by
    (task,) = youth.state.tasks
    assert (task.kind, task.group) == (TaskKind.PROTECTED, TaskGroup.SPECIAL_HANDLERS)
    assert task.not_before is not None
    assert task.not_before > youth.now + timedelta(days=80)
