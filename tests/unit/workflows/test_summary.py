"""What operations see of a youth in the Temporal UI, at every step."""

import re
from datetime import timedelta

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from contracts.outreach_workflow import SA_DISTRICT, SA_DUE, SA_STEP, SA_UNIT
from contracts.reasons import Step
from contracts.tasks import CallOutcome, CallResult, TaskKind, TaskSpec
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import policy
from workflows.youth_outreach import summary
from workflows.youth_outreach.state import State
from workflows.youth_outreach.timing import next_wake

SOUGHT = (
    Step.AWAITING_START,
    Step.FIRST_CONTACT,
    Step.CALLING,
    Step.TRIED_TO_REACH,
    Step.DOOR_CARD,
    Step.HOME_VISIT,
    Step.WATCH,
)
DAY = r"\d{4}-\d{2}-\d{2}"


def timer(state: State) -> str:
    wake = next_wake(state)
    assert wake is not None
    return summary.timer(state, wake)


def one_more_call(youth: Simulation) -> None:
    youth.passes_until(youth.state.tasks[0].not_before)
    youth.completes(CallOutcome(result=CallResult.NO_ANSWER))


def task(state: State) -> TaskSpec:
    return state.tasks[-1]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Step.AWAITING_START, f"first letter and SMS {DAY}"),
        (Step.FIRST_CONTACT, f"call {DAY}"),
        (Step.CALLING, f"first call due {DAY}"),
        (Step.TRIED_TO_REACH, f"home visit to be planned {DAY}"),
        (Step.DOOR_CARD, f"home visit {DAY}"),
        (Step.HOME_VISIT, f"home visit due {DAY}"),
        (Step.WATCH, f"contacted again {DAY}"),
    ],
)
def test_each_timer_tells_what_comes_and_when(step: Step, told: str) -> None:
    assert re.fullmatch(told, timer(youth_at(step).state))


def test_the_timer_goes_from_call_to_call() -> None:
    youth = youth_at(Step.CALLING)
    seen = [timer(youth.state)]
    for _ in range(2):
        one_more_call(youth)
        seen.append(timer(youth.state))
    assert [re.sub(DAY, "", told).strip() for told in seen] == [
        "first call due",
        "second call due",
        "third call due",
    ]
    assert seen[-1] == f"third call due {task(youth.state).due_on}"


def test_by_a_policy_of_before_a_timer_that_is_kept_names_no_task() -> None:
    youth = youth_at(Step.CALLING, policy=policy(timers_tell_tasks=False))
    before = timer(youth.state)
    one_more_call(youth)
    assert task(youth.state).kind is TaskKind.CALL
    assert timer(youth.state) == before == "staff are waited for, or the end of the duty"


@pytest.mark.parametrize("step", SOUGHT)
def test_the_details_of_each_step_say_in_plain_words_what_is_and_what_comes(step: Step) -> None:
    state = youth_at(step).state
    text = summary.details(state)
    assert text.startswith(f"**{summary.TITLES[step]}**")
    assert ("- next: " in text) == (state.due is not None)
    assert text.count("- open: ") == len(state.tasks)
    assert state.due is not None or state.tasks, "there is always a next step with a date"
    assert "_" not in text.replace(state.policy.version, ""), "words, not codes"


def test_every_step_has_a_title() -> None:
    assert set(summary.TITLES) == set(Step)


@pytest.mark.parametrize("step", SOUGHT)
def test_every_step_sets_all_search_attributes_and_only_once(step: Step) -> None:
    state = youth_at(step).state
    updates = summary.attribute_updates(state, TypedSearchAttributes.empty)
    assert {update.key.name for update in updates} == {SA_STEP, SA_DISTRICT, SA_DUE, SA_UNIT}
    shown = TypedSearchAttributes([SearchAttributePair(update.key, update.value) for update in updates])
    assert summary.attribute_updates(state, shown) == []


@pytest.mark.parametrize("step", SOUGHT)
def test_neither_text_gives_the_birthday_away(step: Step) -> None:
    """The last covered day is the day before it, and the letter comes so many days before."""
    state = youth_at(step).state
    shown = summary.details(state) + timer(state)
    letter = state.last_covered_day - state.policy.turns_20_letter_before
    for day in (state.last_covered_day, state.last_covered_day + timedelta(days=1), letter):
        assert str(day) not in shown
        assert f"{day:%a %d %b %Y}" not in shown
