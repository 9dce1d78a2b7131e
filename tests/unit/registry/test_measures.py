"""The way of a measure, and a catalogue's places among many youths."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.documentation import MeasureEndReason, WithdrawalReason
from contracts.occupation import OccupationCode
from services.registry.domain.measures import (
    ALLOWED_FROM,
    KEEPS_PLACE,
    NOT_STARTED,
    OVER,
    Accept,
    Decline,
    End,
    Measure,
    OfferPlace,
    Refusal,
    Refused,
    Start,
    State,
    Step,
    TakePlace,
    Withdraw,
    check_offer,
    free_places,
    next_in_line,
    take,
)
from services.registry.domain.school_year import SchoolYear

YEAR = SchoolYear(2026)
OFFERED, TODAY = date(2026, 9, 1), date(2026, 11, 25)

MAKE: Sequence[Callable[[date], Step]] = (
    Accept,
    Decline,
    OfferPlace,
    TakePlace,
    Start,
    lambda on: End(on, MeasureEndReason.TO_WORK, OccupationCode.WORK),
    lambda on: Withdraw(on, WithdrawalReason.NOT_GIVEN),
)
days = st.dates(OFFERED - timedelta(days=40), TODAY + timedelta(days=40))
steps = st.builds(lambda make, on: make(on), st.sampled_from(MAKE), days)


def after(*taken: Step, place_free: bool = True) -> Measure:
    measure = Measure(OFFERED)
    for step in taken:
        measure = take(measure, step, place_free=place_free, year=YEAR, today=TODAY)
    return measure


def refusal(measure: Measure, step: Step, today: date = TODAY) -> Refusal:
    with pytest.raises(Refused) as refused:
        take(measure, step, place_free=True, year=YEAR, today=today)
    return refused.value.why


def on(day: int) -> date:
    return OFFERED + timedelta(days=day)


def test_offered_accepted_started_ended() -> None:
    ended = after(Accept(on(1)), Start(on(2)), End(on(60), MeasureEndReason.TO_OTHER_STUDIES, OccupationCode.SFI))
    assert ended == Measure(
        OFFERED,
        State.ENDED,
        accepted_on=on(1),
        started_on=on(2),
        ended_on=on(60),
        end_reason=MeasureEndReason.TO_OTHER_STUDIES,
        occupation_after=OccupationCode.SFI,
    )


def test_who_accepts_when_no_place_is_free_waits_and_is_offered_one() -> None:
    waiting = after(Accept(on(1)), place_free=False)
    assert waiting.state is State.WAITING
    assert refusal(waiting, Start(on(2))) is Refusal.NOT_FROM_THIS_STATE
    offered = take(waiting, OfferPlace(on(3)), place_free=True, year=YEAR, today=TODAY)
    taken = take(offered, TakePlace(on(4)), place_free=False, year=YEAR, today=TODAY)
    assert (taken.state, taken.place_offered_on, taken.place_taken_on) == (State.ACCEPTED, on(3), on(4))
    declined = take(offered, Decline(on(4)), place_free=False, year=YEAR, today=TODAY)
    assert declined.state is State.DECLINED
    assert take(offered, Start(on(5)), place_free=False, year=YEAR, today=TODAY).state is State.STARTED


def test_a_repeated_acceptance_is_no_second_one() -> None:
    """The answer was lost, and meanwhile a place was offered: the youth has not answered to that."""
    offered = replace(after(Accept(on(1)), place_free=False), state=State.PLACE_OFFERED, place_offered_on=on(1))
    assert take(offered, Accept(on(1)), place_free=True, year=YEAR, today=TODAY) is offered


def test_what_has_started_is_ended_and_not_withdrawn() -> None:
    started = after(Accept(on(1)), Start(on(2)))
    assert refusal(started, Withdraw(on(3), WithdrawalReason.NOT_GIVEN)) is Refusal.NOT_FROM_THIS_STATE
    assert refusal(started, Decline(on(3))) is Refusal.NOT_FROM_THIS_STATE


def test_days() -> None:
    accepted = after(Accept(on(5)))
    assert refusal(accepted, Start(on(4))) is Refusal.BEFORE_THE_LAST_STEP
    assert refusal(accepted, Start(TODAY + timedelta(days=1))) is Refusal.IN_THE_FUTURE
    late = date(2027, 7, 1)
    assert refusal(accepted, Start(late), today=late) is Refusal.OUTSIDE_THE_SCHOOL_YEAR
    early = replace(accepted, offered_on=date(2026, 6, 1), accepted_on=date(2026, 6, 2))
    assert refusal(early, Start(date(2026, 6, 30))) is Refusal.OUTSIDE_THE_SCHOOL_YEAR


@pytest.mark.parametrize(
    ("offered_on", "why"),
    [
        (TODAY, None),
        (date(2025, 7, 1), None),  # for the year that comes
        (date(2025, 6, 30), Refusal.OUTSIDE_THE_SCHOOL_YEAR),
        (TODAY + timedelta(days=1), Refusal.IN_THE_FUTURE),
    ],
)
def test_when_a_measure_can_be_offered(offered_on: date, why: Refusal | None) -> None:
    if why is None:
        check_offer(offered_on, YEAR, TODAY)
        return
    with pytest.raises(Refused) as refused:
        check_offer(offered_on, YEAR, TODAY)
    assert refused.value.why is why


def test_nothing_is_offered_of_a_year_that_is_over() -> None:
    with pytest.raises(Refused, match="outside-the-school-year"):
        check_offer(date(2027, 7, 1), YEAR, date(2027, 7, 1))
    assert next_in_line(["a"], places=1, kept=0, year=YEAR, today=date(2027, 7, 1)) == ()
    assert next_in_line(["a"], places=1, kept=0, year=YEAR, today=date(2027, 6, 30)) == ["a"]


@given(st.none() | st.integers(0, 20), st.integers(0, 30), st.lists(st.integers()))
def test_the_first_in_line_get_what_is_free(places: int | None, kept: int, waiting: list[int]) -> None:
    free = free_places(places, kept)
    offered = next_in_line(waiting, places=places, kept=kept, year=YEAR, today=TODAY)
    assert offered == waiting[: len(offered)]
    assert len(offered) == (len(waiting) if free is None else min(free, len(waiting)))


@given(st.lists(st.tuples(steps, st.booleans()), max_size=12))
def test_whatever_is_tried_no_way_leads_back(tries: list[tuple[Step, bool]]) -> None:
    """Each step once; days never go back nor lie ahead; what is over stays; a repeat changes nothing."""
    measure = Measure(OFFERED)
    kinds: list[type[Step]] = []
    for step, place_free in tries:
        try:
            new = take(measure, step, place_free=place_free, year=YEAR, today=TODAY)
        except Refused as refused:
            if refused.why is Refusal.NOT_FROM_THIS_STATE:
                assert measure.state not in ALLOWED_FROM[type(step)]
            continue
        assert take(new, step, place_free=not place_free, year=YEAR, today=TODAY) is new
        if new is measure:
            assert type(step) in kinds
            continue
        assert type(step) not in kinds
        assert measure.state not in OVER
        assert measure.last_step_on <= new.last_step_on == step.on <= TODAY
        changed = {field.name for field in fields(new) if getattr(new, field.name) != getattr(measure, field.name)}
        assert all(getattr(measure, name) is None for name in changed - {"state"})  # history is never rewritten
        measure = new
        kinds.append(type(step))
    assert (measure.end_reason is not None) == (measure.state is State.ENDED)


def test_every_state_is_a_place_kept_or_not_and_leads_on_unless_it_is_over() -> None:
    assert set(State) - KEEPS_PLACE - OVER == {State.OFFERED, State.WAITING}
    assert set(State) - NOT_STARTED - OVER == {State.STARTED}
    leading_on = frozenset[State]().union(*ALLOWED_FROM.values())
    assert leading_on == set(State) - OVER


class Catalogue(RuleBasedStateMachine):
    """One entry of the catalogue and many youths: as the use cases do it, without the database."""

    youths = 8

    @initialize(places=st.none() | st.integers(1, 4))
    def open(self, places: int | None) -> None:
        self.places = places
        self.measures = [Measure(OFFERED) for _ in range(self.youths)]
        self.line: list[int] = []  # in order of acceptance
        self.offered: list[int] = []
        self.joined: list[int] = []

    @property
    def kept(self) -> int:
        return sum(one.keeps_place for one in self.measures)

    def offer_free_places(self) -> None:
        for which in next_in_line(list(self.line), places=self.places, kept=self.kept, year=YEAR, today=TODAY):
            self.measures[which] = take(
                self.measures[which], OfferPlace(TODAY), place_free=True, year=YEAR, today=TODAY
            )
            self.line.remove(which)
            self.offered.append(which)

    @rule(which=st.integers(0, youths - 1), make=st.sampled_from([one for one in MAKE if one is not OfferPlace]))
    def step(self, which: int, make: Callable[[date], Step]) -> None:
        before = self.measures[which]
        free = self.places is None or self.kept < self.places
        try:
            self.measures[which] = take(before, make(TODAY), place_free=free, year=YEAR, today=TODAY)
        except Refused:
            return
        now = self.measures[which]
        if now.state is State.WAITING and before.state is not State.WAITING:
            self.line.append(which)
            self.joined.append(which)
        if before.state is State.WAITING and now.state is not State.WAITING:
            self.line.remove(which)
            self.joined.remove(which)  # left the line of their own accord
        if before.keeps_place and not now.keeps_place:
            self.offer_free_places()

    @rule(more=st.integers(1, 3))
    def add_places(self, more: int) -> None:
        if self.places is not None:
            self.places += more
            self.offer_free_places()

    @invariant()
    def never_oversold(self) -> None:
        if getattr(self, "places", None) is not None:
            assert self.kept <= self.places  # type: ignore[operator]

    @invariant()
    def nobody_waits_while_a_place_is_free(self) -> None:
        if getattr(self, "line", None):
            assert self.places is not None
            assert self.kept == self.places

    @invariant()
    def places_are_offered_in_order_of_acceptance(self) -> None:
        if hasattr(self, "offered"):
            assert self.offered == self.joined[: len(self.offered)]
            assert self.line == self.joined[len(self.offered) :]


TestCatalogue = Catalogue.TestCase
