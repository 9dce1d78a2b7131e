"""The events that a transition tells: which, in what order, under which ids."""

from datetime import date, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts import events
from contracts.outreach_activities import Progress, Reached, Watch
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import TaskGroup, TaskKind, TaskState
from services.outreach.domain.events import Moved, TaskRow, events_of

NOON = datetime(2026, 3, 2, 12, tzinfo=STOCKHOLM)
MOVED = Moved(district="farsta", registered_on=date(2026, 3, 1), entered=True, ended=False)


def task(state: TaskState = TaskState.OPEN, result: str | None = None, task_id: UUID | None = None) -> TaskRow:
    closed_at = None if state is TaskState.OPEN else NOON
    return TaskRow(
        task_id=task_id or uuid4(), kind=TaskKind.CALL, group=TaskGroup.COORDINATORS, district="farsta", attempt=1,
        due_on=NOON.date(), state=state, result=result, closed_at=closed_at,
    )  # fmt: skip


@st.composite
def transitions(draw: st.DrawFn) -> Progress:
    return Progress(
        progress_id=draw(st.uuids()),
        youth_id=draw(st.uuids()),
        episode_id=draw(st.uuids()),
        district="farsta",
        step=draw(st.sampled_from(Step)),
        at=NOON,
        due=draw(st.sampled_from([None, NOON])),
        started=draw(st.booleans()),
        reached=draw(st.sampled_from([None, Reached(by=ReachedBy.CALL, at=NOON)])),
        watch=draw(st.sampled_from([None, Watch(reason=WatchReason.WORKS, recontact_on=date(2026, 9, 1))])),
        ended=draw(st.sampled_from([None, EndReason.DEAD])),
    )


@given(transition=transitions(), entered=st.booleans())
def test_each_fact_is_told_once_and_again_under_the_same_id(transition: Progress, entered: bool) -> None:
    moved = Moved("farsta", None, entered=entered, ended=transition.ended is not None)
    closed, opened = [task(TaskState.COMPLETED, "no_answer")], [task()]
    told = events_of(transition, moved, closed, opened)
    expected = {
        events.TaskCompleted.type: True,
        events.OutreachStarted.type: transition.started,
        events.StepEntered.type: entered,
        events.YouthReached.type: transition.reached is not None,
        events.WatchStarted.type: transition.watch is not None,
        events.OutreachEnded.type: transition.ended is not None,
        events.TaskOpened.type: True,
    }
    assert [event.type for event in told] == [type for type, told_of in expected.items() if told_of]
    ids = [event.event_id for event in told]
    assert len(set(ids)) == len(ids)
    assert [event.event_id for event in events_of(transition, moved, closed, opened)] == ids
    assert {event.key for event in told} == {transition.youth_id}


def progress() -> Progress:
    return Progress(
        progress_id=uuid4(), youth_id=uuid4(), episode_id=uuid4(), district=None, step=Step.CALLING, at=NOON,
        started=True,
    )  # fmt: skip


def test_a_planned_visit_has_the_result_planned() -> None:
    (completed,) = events_of(
        progress().model_copy(update={"started": False}),
        Moved(None, None, entered=False, ended=False),
        [task(TaskState.COMPLETED)],
        [],
    )
    assert isinstance(completed.data, events.TaskCompleted)
    assert completed.data.result == "planned"


def test_the_stored_district_is_told_not_the_transitions() -> None:
    told = events_of(progress(), MOVED, [], [])
    assert {event.data.model_dump()["district"] for event in told} == {"farsta"}


def test_a_task_that_was_closed_before_it_came_is_told_as_opened_and_then_closed() -> None:
    early = task(TaskState.CANCELLED)
    told = events_of(progress(), Moved(None, None, entered=False, ended=False), [], [early])
    assert [event.type for event in told[-2:]] == [events.TaskOpened.type, events.TaskCancelled.type]


def test_a_start_of_unknown_registration_day_is_told_with_its_own_day() -> None:
    (started, *_) = events_of(progress(), Moved(None, None, entered=True, ended=False), [], [])
    assert isinstance(started.data, events.OutreachStarted)
    assert started.data.registered_on == NOON.date()
