"""Reports told again and put right: whatever the order, the same ones stand in the end."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.school_reports import SchoolReportKind
from services.registry.domain.report_dedupe import CannotTake, Known, Outcome, Taken, fold_in, take
from services.registry.domain.school_reports import Told

SCHOOL, OTHER_SCHOOL = "12345678", "87654321"
FIRST, SECOND, THIRD = date(2026, 9, 10), date(2026, 9, 15), date(2026, 9, 20)
MONDAY, FRIDAY = date(2026, 10, 5), date(2026, 10, 9)


def dropout(event_date: date = FIRST, school_unit: str = SCHOOL) -> Told:
    return Told(school_unit, SchoolReportKind.DROPOUT, event_date)


def absence(percent: int, event_date: date = FIRST) -> Told:
    return Told(SCHOOL, SchoolReportKind.INVALID_ABSENCE, event_date, FIRST - timedelta(days=30), percent)


class Book:
    """What was told of one person, one report after the other; new reports are numbered."""

    def __init__(self) -> None:
        self.known: tuple[Known, ...] = ()
        self._next = 1

    def tell(self, told: Told, received_on: date = MONDAY, corrects: UUID | None = None) -> Taken:
        taken = take(self.known, told, received_on, corrects, UUID(int=self._next))
        self._next += 1
        self.known = taken.known
        return taken

    @property
    def standing(self) -> list[Told]:
        return [one.told for one in self.known if one.stands]

    def one(self, report_id: UUID) -> Known:
        return next(one for one in self.known if one.report_id == report_id)


def test_told_again_it_is_the_first_one_and_counted() -> None:
    book = Book()
    first = book.tell(dropout(), FRIDAY)
    again = book.tell(dropout(), MONDAY)  # a mail that was read late
    assert (first.outcome, again.outcome) == (Outcome.RECORDED, Outcome.REPEAT)
    assert again.report_id == first.report_id
    assert book.known == (Known(first.report_id, dropout(), FRIDAY, MONDAY, times_told=2),)


def test_another_school_or_date_is_another_report() -> None:
    book = Book()
    for told in (dropout(), dropout(SECOND), dropout(FIRST, OTHER_SCHOOL), absence(30)):
        assert book.tell(told).outcome is Outcome.RECORDED
    assert len(book.standing) == 4


def test_a_correction_is_kept_with_what_it_puts_right() -> None:
    book = Book()
    first = book.tell(dropout(FIRST), MONDAY)
    right = book.tell(dropout(SECOND), FRIDAY, corrects=first.report_id)
    assert right.outcome is Outcome.CORRECTION
    assert book.standing == [dropout(SECOND)]
    assert book.one(first.report_id).superseded_by == right.report_id
    # Received on Friday; but the school had told, if not quite right, on Monday.
    assert (book.one(right.report_id).received_on, book.one(right.report_id).first_told_on) == (FRIDAY, MONDAY)


def test_what_was_put_right_does_not_come_back_by_a_late_repeat() -> None:
    book = Book()
    first = book.tell(dropout(FIRST), FRIDAY)
    right = book.tell(dropout(SECOND), FRIDAY, corrects=first.report_id)
    late = book.tell(dropout(FIRST), MONDAY)
    assert (late.outcome, late.report_id) == (Outcome.REPEAT, first.report_id)
    assert book.standing == [dropout(SECOND)]
    assert book.one(right.report_id).first_told_on == MONDAY


def test_the_correction_repeated_is_the_same_correction() -> None:
    book = Book()
    first = book.tell(dropout(FIRST))
    right = book.tell(dropout(SECOND), corrects=first.report_id)
    for corrects in (first.report_id, right.report_id, None):
        again = book.tell(dropout(SECOND), corrects=corrects)
        assert (again.outcome, again.report_id) == (Outcome.REPEAT, right.report_id)
    assert book.one(right.report_id).times_told == 4


def test_a_correction_may_lead_to_what_was_told_already_or_back() -> None:
    book = Book()
    first, second = book.tell(dropout(FIRST)), book.tell(dropout(SECOND))
    right = book.tell(dropout(SECOND), corrects=first.report_id)
    assert right.report_id == second.report_id
    assert (len(book.known), book.standing) == (2, [dropout(SECOND)])
    back = book.tell(dropout(FIRST), corrects=second.report_id)
    assert (back.outcome, book.standing) == (Outcome.CORRECTION, [dropout(FIRST)])
    assert back.report_id not in (first.report_id, second.report_id)


def test_other_figures_for_the_same_days_must_say_that_they_are_a_correction() -> None:
    book = Book()
    first = book.tell(absence(30))
    with pytest.raises(CannotTake) as refused:
        book.tell(absence(35))
    assert (refused.value.reason, refused.value.report_id) == ("differs_from_first", first.report_id)
    book.tell(absence(35), corrects=first.report_id)
    assert book.standing == [absence(35)]


def test_what_cannot_be_corrected() -> None:
    book = Book()
    first, elsewhere = book.tell(dropout(FIRST)), book.tell(dropout(FIRST, OTHER_SCHOOL))
    for corrects in (UUID(int=99), elsewhere.report_id):
        with pytest.raises(CannotTake) as refused:
            book.tell(dropout(SECOND), corrects=corrects)
        assert refused.value.reason == "not_of_this_pupil_school_and_kind"
    right = book.tell(dropout(SECOND), corrects=first.report_id)
    with pytest.raises(CannotTake) as refused:
        book.tell(dropout(THIRD), corrects=first.report_id)
    assert (refused.value.reason, refused.value.report_id) == ("already_corrected", right.report_id)


def test_a_withdrawn_report_stays_withdrawn_until_it_is_said_to_be_right_after_all() -> None:
    book = Book()
    first = book.tell(dropout())
    book.known = (replace(book.known[0], withdrawn=True),)
    assert book.tell(dropout()).outcome is Outcome.REPEAT
    assert book.standing == []
    book.tell(dropout(), corrects=first.report_id)
    assert book.standing == [dropout()]


# --- any order, any repetition --------------------------------------------------------------------

DATES = st.sampled_from([FIRST, SECOND, THIRD])
MEANINGS = st.builds(dropout, DATES, st.sampled_from([SCHOOL, OTHER_SCHOOL])) | st.builds(
    absence, st.just(30), DATES
)
RECEIVED = st.dates(MONDAY, MONDAY + timedelta(days=20))


@dataclass(frozen=True)
class Step:
    """Told on a day; ``corrects`` is the place of an earlier step in the list."""

    told: Told
    received_on: date
    corrects: int | None = None


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """Plain reports, and chains of corrections to ever later dates, so that nobody corrects twice."""
    plain = draw(st.lists(st.builds(Step, MEANINGS, RECEIVED), max_size=5))
    chain = [Step(dropout(FIRST), draw(RECEIVED))]
    for event_date in draw(st.sampled_from([(), (SECOND,), (THIRD,), (SECOND, THIRD)])):
        chain.append(Step(dropout(event_date), draw(RECEIVED), corrects=len(chain) - 1))
    return chain + plain


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[Step], list[int], list[int]]:
    """A story, and two orders of its steps with repetitions; the same ones are repeated as often in both."""
    story = draw(stories())
    steps = [*range(len(story)), *draw(st.lists(st.sampled_from(range(len(story))), max_size=4))]
    return story, draw(st.permutations(steps)), draw(st.permutations(steps))


def told_in(story: list[Step], order: list[int]) -> Book:
    """Tell the steps in this order; one whose forerunner has not been told yet waits for it, as it must."""
    book, waiting = Book(), list(order)
    ids: dict[int, UUID] = {}
    while waiting:
        place = next(place for place in waiting if story[place].corrects is None or story[place].corrects in ids)
        waiting.remove(place)
        step = story[place]
        corrects = None if step.corrects is None else ids[step.corrects]
        ids[place] = book.tell(step.told, step.received_on, corrects).report_id
    return book


def final_state(book: Book) -> object:
    """Which meanings stand, and of each: how often it was told in all, and when first."""
    times = Counter[Told]()
    for one in book.known:
        times[one.told] += one.times_told
    standing = {one.told: one.first_told_on for one in book.known if one.stands}
    first = {told: min(one.first_told_on for one in book.known if one.told == told) for told in times}
    return standing, times, first


@given(tellings())
def test_any_order_and_any_repetition_end_in_the_same(telling: tuple[list[Step], list[int], list[int]]) -> None:
    story, one_order, another = telling
    assert final_state(told_in(story, one_order)) == final_state(told_in(story, another))


@given(tellings())
def test_two_of_the_same_never_stand_side_by_side_and_nothing_is_lost(
    telling: tuple[list[Step], list[int], list[int]],
) -> None:
    story, order, _ = telling
    book = told_in(story, order)
    keys = [(one.school_unit, one.kind, one.event_date) for one in book.standing]
    assert len(keys) == len(set(keys))
    assert sum(one.times_told for one in book.known) == len(order)
    assert {one.told for one in book.known} == {step.told for step in story}


# --- found out later to be about one person --------------------------------------------------------


def test_what_was_told_of_two_numbers_of_one_person_becomes_one() -> None:
    here = Known(UUID(int=1), dropout(), FRIDAY, FRIDAY, times_told=2)
    moved = Known(UUID(int=2), dropout(), MONDAY, MONDAY)
    stays, gone = fold_in([here], moved)
    assert stays == replace(here, first_told_on=MONDAY, times_told=3)
    assert gone == replace(moved, superseded_by=here.report_id)
    # Who told it under the other number may still put it right.
    right = take([stays, gone], dropout(SECOND), FRIDAY, gone.report_id, UUID(int=3))
    assert [one.told for one in right.known if one.stands] == [dropout(SECOND)]


def test_what_is_new_about_a_person_moves_as_it_is() -> None:
    moved = Known(UUID(int=2), dropout(SECOND), MONDAY, MONDAY)
    assert fold_in([Known(UUID(int=1), dropout(), FRIDAY, FRIDAY)], moved) == (moved,)
    corrected = replace(moved, superseded_by=UUID(int=3))
    assert fold_in([Known(UUID(int=1), dropout(SECOND), FRIDAY, FRIDAY)], corrected) == (corrected,)
