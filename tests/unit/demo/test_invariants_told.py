"""The rules of events, sources and histories find what is planted, and nothing else."""

from dataclasses import replace
from uuid import UUID

import pytest

from deploy.demo.invariants import histories, told
from deploy.demo.invariants.everything import personal_data
from deploy.demo.invariants.figures import funnel_adds_up
from deploy.demo.invariants.histories import PersonalData
from deploy.demo.invariants.rows import DeadLetter, SourceLoad
from deploy.demo.municipality import Municipality
from tests.unit.demo.planted import MONDAY, YOUTH, day, event, run

PEOPLE = PersonalData(frozenset({"Astrid", "Öberg"}), frozenset({"0703012393", "701740605"}))


def test_an_event_that_was_not_published_is_found() -> None:
    stuck = replace(event("hold-placed", -1), published_at=None)
    assert list(told.unpublished([event("hold-placed", -1)], MONDAY)) == []
    assert len(list(told.unpublished([stuck], MONDAY))) == 1
    assert list(told.unpublished([replace(stuck, created_at=day(1))], MONDAY)) == []  # a moment ago


def test_dead_letters_are_found_also_when_they_were_replayed() -> None:
    letter = DeadLetter(service="outreach", consumer="outreach-registry", event_id=UUID(int=1), type="a.b.v1")
    assert list(told.given_up([])) == []
    assert list(told.given_up([letter, letter])) == ["outreach: 2 dead letters of outreach-registry (a.b.v1)"]


@pytest.mark.parametrize(("held", "rejected", "faults"), [(None, 0, 0), ("shrunk", 0, 1), (None, 2, 1)])
def test_a_source_that_was_held_or_rejected_is_found(held: str | None, rejected: int, faults: int) -> None:
    load = SourceLoad(as_of=MONDAY.date(), source="population", held=held, rejected=rejected)
    assert len(list(told.unclean_loads([load]))) == faults


def test_a_run_that_is_too_long_is_found() -> None:
    assert list(histories.too_long([run(events=300)])) == []
    assert len(list(histories.too_long([run(events=301)]))) == 1


def test_a_failed_workflow_task_is_found() -> None:
    something_came = run("UNHANDLED_COMMAND")  # while it wanted to continue as new
    assert list(histories.failed_tasks([run(), something_came])) == []
    assert len(list(histories.failed_tasks([something_came, run("NON_DETERMINISTIC_ERROR")]))) == 1
    assert len(list(histories.failed_tasks([run("WORKFLOW_WORKER_UNHANDLED_FAILURE", "UNHANDLED_COMMAND")]))) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Astrid"}', "c/o Öberg", "200703012393", "20070301-2393", "070301-2393",
        "+46701740605", "070-174 06 05", "46701740605",
    ],
)  # fmt: skip
def test_personal_data_in_a_history_is_found_and_not_repeated(text: str) -> None:
    found = list(histories.personal([run(text=text)], PEOPLE))
    assert len(found) == 1
    assert text not in found[0]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"youth_id": "{YOUTH}", "at": "2025-10-06T09:00:00.123456+02:00"}}', "astrid", "Öbergsgatan",
        "0703012394", "6f1d3b1e-5a0c-4f3e-9b57-0703012393aa", "170-174 06 05",
    ],
)  # fmt: skip
def test_ids_times_and_other_words_are_nobodys(text: str) -> None:
    assert list(histories.personal([run(text=text)], PEOPLE)) == []


def test_of_the_sample_everybody_is_looked_for() -> None:
    municipality = Municipality(1, 20)
    data = personal_data(municipality.people())
    for person in municipality.people():
        assert data.stands_in(f'"{person.first_name}"') == data.stands_in(person.last_name) == "a name"
        assert all(data.stands_in(number) == "a number" for number in person.numbers())
        assert not person.phone or data.stands_in(person.phone) == "a number"


def test_a_youth_without_a_workflow_is_found() -> None:
    wanted = {YOUTH: f"youth/{YOUTH}"}
    assert list(histories.not_followed([run()], wanted)) == []
    assert len(list(histories.not_followed([], wanted))) == 1


@pytest.mark.parametrize(
    ("covered", "sought", "reached", "faults"), [(9, 8, 5, 0), (9, 8, 4, 1), (9, 10, 5, 2), (9, 8, 0, 2)]
)
def test_figures_that_do_not_add_up_or_narrow_are_found(
    covered: int, sought: int, reached: int, faults: int
) -> None:
    total = {"covered": covered, "sought": sought, "reached": reached}
    funnel = {
        "total": total,
        "districts": [{"covered": 4, "sought": 4, "reached": 5}, {"covered": 5, "sought": 4, "reached": 0}],
    }
    assert len(list(funnel_adds_up(funnel))) == faults
