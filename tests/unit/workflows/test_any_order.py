"""Every message, at every instant, in any order and any number, has a defined result.

Hypothesis draws what happens to a youth; `Simulation` checks the rules at every move.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_facts import HoldLifted, HoldSet
from contracts.outreach_workflow import (
    Answered,
    Changed,
    CompleteTask,
    Decided,
    EndOfCoverage,
    Telephone,
)
from contracts.reasons import EndReason, ReachedBy, SpecialTrack, Step
from tests.unit.workflows.simulation import Simulation
from tests.workflows.outcomes import outcomes_of
from tests.workflows.samples import LAST_COVERED_DAY, REGISTERED, policy, start
from workflows.youth_outreach.facts import Fact

HOLDS = [uuid4(), uuid4()]
Happening = Callable[[Simulation], None]


def twice(youth: Simulation, fact: Fact) -> None:
    """An event is delivered, and delivered again: the second changes nothing."""
    youth.hears(fact)
    after = (youth.state, len(youth.progress), len(youth.sent))
    youth.hears(fact)
    assert (youth.state, len(youth.progress), len(youth.sent)) == after


def complete(choice: int) -> Happening:
    def happen(youth: Simulation) -> None:
        if not youth.state.tasks:
            return
        task = youth.state.tasks[choice % len(youth.state.tasks)]
        state = youth.state
        outcomes = outcomes_of(task.kind, state.policy, youth.now, state.last_covered_day)
        outcome = outcomes[choice % len(outcomes)]
        decision = CompleteTask(decision_key=str(uuid4()), task_id=task.task_id, by="anna", outcome=outcome)
        first = youth.decides(decision)
        if isinstance(first, Decided):
            recorded = len(youth.progress)
            assert youth.decides(decision) == first
            assert len(youth.progress) == recorded

    return happen


def answer(channel: AnswerChannel, mine: bool) -> Happening:
    def happen(youth: Simulation) -> None:
        episode = youth.state.episode_id if mine else uuid4()
        before = youth.state.step
        twice(youth, Answered(event_id=uuid4(), episode_id=episode, channel=channel, answered_at=youth.now))
        assert mine or youth.state.step is before

    return happen


def contact(way: ReachedBy) -> Happening:
    def happen(youth: Simulation) -> None:
        youth.contacts(way)

    return happen


def change(district: str | None, protected: bool, days: int, mine: bool) -> Happening:
    def happen(youth: Simulation) -> None:
        last = LAST_COVERED_DAY - timedelta(days=days)
        twice(
            youth,
            Changed(
                event_id=uuid4(),
                episode_id=youth.state.episode_id if mine else uuid4(),
                district=None if protected else district,
                protected=protected,
                last_covered_day=last,
            ),
        )

    return happen


def telephone(has_phone: bool, mine: bool) -> Happening:
    def happen(youth: Simulation) -> None:
        episode = youth.state.episode_id if mine else uuid4()
        twice(youth, Telephone(event_id=uuid4(), episode_id=episode, has_phone=has_phone))

    return happen


def hold(hold_id: UUID, days: int, mine: bool) -> Happening:
    def happen(youth: Simulation) -> None:
        episode = youth.state.episode_id if mine else uuid4()
        until = youth.now.date() + timedelta(days=days)
        twice(youth, HoldSet(event_id=uuid4(), episode_id=episode, hold_id=hold_id, until=until))

    return happen


def lift(hold_id: UUID) -> Happening:
    def happen(youth: Simulation) -> None:
        twice(youth, HoldLifted(event_id=uuid4(), episode_id=youth.state.episode_id, hold_id=hold_id))

    return happen


def end(reason: EndReason, mine: bool) -> Happening:
    def happen(youth: Simulation) -> None:
        before = youth.state.step
        episode = youth.state.episode_id if mine else uuid4()
        twice(
            youth,
            EndOfCoverage(event_id=uuid4(), episode_id=episode, reason=reason, ended_on=youth.now.date()),
        )
        assert youth.state.step is (Step.ENDED if mine else before)

    return happen


def register(protected: bool, same_episode: bool) -> Happening:
    def happen(youth: Simulation) -> None:
        episode = youth.state.episode_id if same_episode else uuid4()
        twice(
            youth,
            start(
                youth_id=youth.state.youth_id,
                episode_id=episode,
                registered_on=youth.now.date(),
                protected=protected,
            ),
        )

    return happen


def passes(hours: int) -> Happening:
    return lambda youth: youth.passes(timedelta(hours=hours))


often: st.SearchStrategy[Happening] = st.one_of(
    st.just(Simulation.time_is_up),
    st.integers(0, 1000).map(complete),
    st.integers(0, 24 * 40).map(passes),
    st.just(Simulation.continues_as_new),
)
seldom: st.SearchStrategy[Happening] = st.one_of(
    st.builds(answer, st.sampled_from(AnswerChannel), st.booleans()),
    st.sampled_from([ReachedBy.INBOUND_CALL, ReachedBy.DROP_IN, ReachedBy.GUARDIAN]).map(contact),
    st.builds(
        change, st.sampled_from(["farsta", "bromma", None]), st.booleans(), st.integers(0, 700), st.booleans()
    ),
    st.builds(telephone, st.booleans(), st.booleans()),
    st.builds(hold, st.sampled_from(HOLDS), st.integers(-1, 60), st.booleans()),
    st.sampled_from(HOLDS).map(lift),
    st.builds(end, st.sampled_from(EndReason), st.booleans()),
    st.builds(register, st.booleans(), st.booleans()),
)
# Mostly the ordinary, so that the later steps are come to.
happenings = st.lists(st.one_of(often, often, often, often, seldom), max_size=40)


# Where a youth stands when the drawn things begin to happen.
heads = st.sampled_from(
    [
        Step.AWAITING_START,
        Step.CALLING,
        Step.TRIED_TO_REACH,
        Step.DOOR_CARD,
        Step.HOME_VISIT,
        Step.WATCH,
    ]
)


@settings(max_examples=250, deadline=None)
@given(
    head=heads,
    happens=happenings,
    youth_id=st.uuids(version=4),
    protected=st.integers(0, 9).map(lambda number: number == 9),
    home_visits=st.integers(1, 3),
    contact_searches=st.integers(0, 2),
    further_letters=st.integers(0, 2),
    days_left=st.one_of(st.just(567), st.integers(0, 900)),
    tracks=st.sets(st.sampled_from(SpecialTrack)).map(tuple),
)
def test_every_order_of_messages_has_a_result(
    head: Step,
    happens: list[Happening],
    youth_id: UUID,
    protected: bool,
    home_visits: int,
    contact_searches: int,
    further_letters: int,
    days_left: int,
    tracks: tuple[SpecialTrack, ...],
) -> None:
    youth = Simulation(
        start(
            youth_id=youth_id,
            protected=protected,
            tracks=tracks,
            policy=policy(
                home_visits=home_visits,
                contact_searches=contact_searches,
                further_letters=(timedelta(days=7),) * further_letters,
            ),
            last_covered_day=REGISTERED.date() + timedelta(days=days_left),
        ),
        REGISTERED,
    )
    youth.never_answers_until(head)
    for happen in happens:
        happen(youth)
    youth.passes(timedelta(days=1000))
    assert youth.state.step is Step.ENDED, "the duty ends at twenty, whatever happened"
    assert youth.was_sent(MessageKind.FIRST_LETTER) <= len(youth.state.former_episodes) + 1


@settings(max_examples=60, deadline=None)
@given(head=heads, happens=happenings, youth_id=st.uuids(version=4))
def test_continuing_as_new_at_any_point_changes_nothing(
    head: Step, happens: list[Happening], youth_id: UUID
) -> None:
    """Asserted inside: the state that went through JSON is the same state."""
    youth = Simulation(start(youth_id=youth_id), REGISTERED)
    youth.never_answers_until(head)
    for happen in happens:
        youth.continues_as_new()
        happen(youth)
