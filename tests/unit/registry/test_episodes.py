"""What a run does for one person."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given

from contracts.reasons import EndReason, Sex
from services.registry.domain.episodes import Change, End, OpenEpisode, Person, Register, act
from services.registry.domain.facts import PersonFacts, Protection, Status
from tests.unit.registry.people import STOCKHOLM, days, person, persons

ON = date(2026, 10, 1)


def told(action: Register | Change) -> OpenEpisode:
    """The episode as it stands when the action is written."""
    codes = action.told
    return OpenEpisode(UUID(int=7), ON, codes.district, codes.tracks, codes.protected, codes.last_covered_day)


def youth(facts: PersonFacts, district: str | None = "farsta", episode: OpenEpisode | None = None) -> Person:
    told = tuple(replace(one, district=district) for one in facts.statements)
    return Person(replace(facts, statements=told), Sex.WOMAN, episode)


@given(persons(), days)
def test_what_has_been_told_is_not_told_again(facts: PersonFacts, on: date) -> None:
    action = act(youth(facts), on, STOCKHOLM)
    assert action is None or isinstance(action, Register)
    if action is not None:
        assert act(youth(facts, episode=told(action)), on, STOCKHOLM) is None


@given(persons(), days)
def test_an_open_episode_of_somebody_not_covered_ends(facts: PersonFacts, on: date) -> None:
    episode = OpenEpisode(UUID(int=7), on, None, (), False, date(2030, 1, 1))
    if act(youth(facts), on, STOCKHOLM) is None:
        assert isinstance(act(youth(facts, episode=episode), on, STOCKHOLM), End)


def test_a_protected_youth_is_told_without_district() -> None:
    action = act(youth(person(protection=Protection.MARKED)), ON, STOCKHOLM)
    assert isinstance(action, Register)
    assert (action.told.protected, action.told.district) == (True, None)


def test_a_marking_is_told_at_once_and_takes_the_district_away() -> None:
    before = act(youth(person()), ON, STOCKHOLM)
    assert isinstance(before, Register)
    action = act(youth(person(protection=Protection.MARKED), episode=told(before)), ON, STOCKHOLM)
    assert isinstance(action, Change)
    assert (action.told.protected, action.told.district) == (True, None)


def test_a_merged_district_is_told_by_its_name_of_the_day() -> None:
    action = act(youth(person(), "spanga-tensta"), ON, STOCKHOLM)
    assert isinstance(action, Register)
    assert action.told.district == "jarva"


def test_a_youth_who_comes_back_is_registered_anew() -> None:
    facts = person()
    registered = act(youth(facts), ON, STOCKHOLM)
    assert isinstance(registered, Register)
    away = replace(
        facts,
        statements=(*facts.statements, replace(facts.statements[0], status=Status.MOVED_OUT, status_date=ON)),
    )
    end = act(youth(away, episode=told(registered)), ON, STOCKHOLM)
    assert isinstance(end, End)
    assert end.reason is EndReason.MOVED_OUT
    assert isinstance(act(youth(facts, episode=None), ON, STOCKHOLM), Register)
