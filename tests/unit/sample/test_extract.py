"""The sample municipality, checked against the registry's own rule of who is covered."""

import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from personnummer.personnummer import Personnummer

from contracts.reasons import EndReason, RegistrationReason, SpecialTrack
from contracts.registry_activities import Source
from deploy.sample.extract import COLUMNS, Row, extract, people, write
from deploy.sample.places import DISTRICTS, SHARES
from services.registry.domain.coverage import Coverage, decide
from services.registry.domain.facts import (
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    PersonFacts,
    Protection,
    Statement,
    Status,
)
from services.registry.domain.reasons import end_of, registration_reason, tracks

START = date(2025, 8, 15)
starts = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def rows(extracted: dict[Source, list[Row]], source: Source) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS[source], row, strict=True)) for row in extracted[source]]


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def facts(extracted: dict[Source, list[Row]], as_of: date) -> dict[str, PersonFacts]:
    """What the registry would know of each person number, from the extracts alone."""
    enrolments: dict[str, list[Enrolment]] = defaultdict(list)
    for source in (Source.PLACEMENTS, Source.SCHOOLS):
        for row in rows(extracted, source):
            starts_on = day(row["starts_on"])
            assert starts_on is not None
            enrolments[row["person_number"]].append(
                Enrolment(
                    *(source, as_of, EnrolmentKind(row["kind"]), starts_on, day(row["ends_on"])),
                    EndKind(row["end_kind"]) if row["end_kind"] else None,
                    day(row.get("compulsory_completed_on", "")),
                )
            )
    exams: dict[str, list[Exam]] = defaultdict(list)
    for row in rows(extracted, Source.EXAMS):
        issued_on = day(row["issued_on"])
        assert issued_on is not None
        exams[row["person_number"]].append(Exam(as_of, ExamKind(row["kind"]), issued_on))
    return {
        (number := row["person_number"]): PersonFacts(
            person_id=UUID(int=index),
            birth_date=Personnummer.parse(number).get_date(),
            statements=(
                Statement(
                    file_date=as_of,
                    municipality=row["municipality"],
                    status=Status(row["status"]),
                    status_date=day(row["status_date"]),
                    immigrated_on=day(row["immigrated_on"]),
                    moved_in_on=day(row["moved_in_on"]),
                ),
            ),
            protection=Protection(row["protection"]),
            enrolments=tuple(enrolments[number]),
            exams=tuple(exams[number]),
        )
        for index, row in enumerate(rows(extracted, Source.POPULATION))
    }


def coverages(as_of: date, known: dict[str, PersonFacts]) -> dict[str, Coverage]:
    return {number: decide(fact, as_of, "0180") for number, fact in known.items()}


def covered(extracted: dict[Source, list[Row]], as_of: date) -> set[str]:
    decided = coverages(as_of, facts(extracted, as_of))
    return {number for number, coverage in decided.items() if coverage.covered}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 90), starts)
def test_exactly_so_many_are_covered_on_the_first_day(seed: int, count: int, start: date) -> None:
    assert len(covered(extract(seed, count, start), start)) == count


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), starts, st.integers(0, 364))
def test_every_row_is_well_formed(seed: int, count: int, start: date, later: int) -> None:
    as_of = start + timedelta(days=later)
    extracted = extract(seed, count, as_of, start=start)
    for source, records in extracted.items():
        assert all(";" not in value and '"' not in value for record in records for value in record)
        for row in rows(extracted, source):
            Personnummer.parse(row["person_number"])
            assert all(day(value) for column, value in row.items() if column.endswith(("_on", "_date")) and value)
    numbers = [row["person_number"] for row in rows(extracted, Source.POPULATION)]
    assert len(set(numbers)) == len(numbers)
    assert {row["person_number"] for source in extracted for row in rows(extracted, source)} == set(numbers)
    keys = [row[:2] + row[2:3] + row[4:5] for row in extracted[Source.PLACEMENTS]]
    assert len(set(keys)) == len(keys)
    assert not any(
        row["ends_on"] and row["ends_on"] < row["starts_on"] for row in rows(extracted, Source.PLACEMENTS)
    )


def test_the_same_seed_gives_the_same_files_and_another_seed_does_not(tmp_path: Path) -> None:
    def files(seed: int, folder: str) -> dict[str, str]:
        people.cache_clear()
        written = write(extract(seed, 60, START), START, tmp_path / folder)
        return {path.name: path.read_text() for path in written}

    first = files(1, "a")
    assert first == files(1, "b")
    assert set(first) == {f"{source}_20250815.csv" for source in ("population", "placements", "schools", "exams")}
    assert all(text.endswith(f"#END;{text.count(chr(10)) - 2}\n") for text in first.values())
    assert first != files(2, "c")


def test_every_special_case_is_in_the_smallest_sample_of_the_local_stack() -> None:
    extracted = extract(1, 60, START)
    known = facts(extracted, START)
    decided = coverages(START, known)
    young = {number: coverage for number, coverage in decided.items() if coverage.covered}
    reasons = Counter(registration_reason(known[number], coverage) for number, coverage in young.items())
    assert set(reasons) >= set(RegistrationReason) - {RegistrationReason.UNKNOWN}
    assert {track for number, coverage in young.items() for track in tracks(known[number], coverage)} == set(
        SpecialTrack
    )
    population = {row["person_number"]: row for row in rows(extracted, Source.POPULATION)}
    assert {population[number]["protection"] for number in young} == set(Protection)
    assert any(not population[number]["phone"] for number in young)
    assert any(Personnummer.parse(number).is_coordination_number() for number in young)
    assert {row["status"] for row in population.values()} == set(Status)
    placements = rows(extracted, Source.PLACEMENTS)
    assert {row["programme"] for row in placements if row["person_number"] in young} >= {"SFI", "FHS", "KOMVUX"}
    assert {row["kind"] for row in placements} == set(EnrolmentKind) - {EnrolmentKind.COMPULSORY}
    assert any(
        coverage.failed[0].explanation == "attends_compulsory_school"
        for coverage in decided.values()
        if coverage.failed
    )
    hidden = [row for row in population.values() if row["protection"] == Protection.PROTECTED_REGISTRATION]
    assert hidden
    assert not any(row["street"] or row["district"] for row in hidden)


def test_the_year_that_follows_has_every_way_in_and_out() -> None:
    """Followed by the registry's rule from extract to extract, as the demonstration does."""
    before: set[str] = set()
    began: list[tuple[date, RegistrationReason]] = []
    ended: Counter[EndReason] = Counter()
    protected: list[int] = []
    for week in range(0, 44, 2):
        as_of = START + timedelta(weeks=week)
        extracted = extract(1, 300, as_of, start=START)
        renumbered = {
            row["previous_person_number"]: row["person_number"]
            for row in rows(extracted, Source.POPULATION)
            if row["previous_person_number"]
        }
        before = {renumbered.get(number, number) for number in before}
        known = facts(extracted, as_of)
        decided = coverages(as_of, known)
        now = {number for number, coverage in decided.items() if coverage.covered}
        began += [(as_of, registration_reason(known[number], decided[number])) for number in now - before]
        ended.update(end_of(decided[number], START).reason for number in before - now)
        protected.append(sum(known[number].protection is not Protection.NONE for number in now))
        before = now
    assert set(ended) >= set(EndReason) - {EndReason.EQUIVALENT_EDUCATION, EndReason.REGISTERED_IN_ERROR}
    assert max(protected) > protected[0]
    later = [reason for as_of, reason in began if as_of > START]
    assert set(later) >= {
        RegistrationReason.LEFT_SCHOOL,
        RegistrationReason.MOVED_IN,
        RegistrationReason.NEWLY_ARRIVED,
    }
    autumn = sum(START < as_of <= date(2025, 12, 31) for as_of, _ in began)
    spring = sum(as_of >= date(2026, 1, 1) for as_of, _ in began)
    assert 1.2 * spring < autumn < 3.5 * spring
    assert 60 < len(later) < 110  # a third more are seen in a year than are covered at one time
    assert 180 < len(before) < 320


def test_proportions_and_speed_of_a_city() -> None:
    began = time.perf_counter()
    people.cache_clear()
    extracted = extract(3, 7_500, START)
    took = time.perf_counter() - began
    assert len(extracted[Source.POPULATION]) == 45_000
    assert took < 60  # some five seconds on an idle machine; this one may be busy
    young = covered(extracted, START)
    assert len(young) == 7_500
    population = {row["person_number"]: row for row in rows(extracted, Source.POPULATION)}
    women = sum(population[number]["sex"] == "woman" for number in young) / len(young)
    assert women == pytest.approx(0.45, abs=0.01)
    assert sum(bool(population[number]["phone"]) for number in young) / len(young) == pytest.approx(0.75, abs=0.01)
    districts = Counter(population[number]["district"] for number in young)
    for district, share in zip(DISTRICTS, SHARES, strict=True):
        assert districts[district.code] / len(young) == pytest.approx(share / 100, abs=0.02)
    protected = sum(population[number]["protection"] != Protection.NONE for number in young)
    assert 12 <= protected <= 99  # some dozens per city


def test_a_small_sample_keeps_to_the_reserved_series() -> None:
    """Numbers outside it can be a living person's; the samples of the local stack and the demo have none."""
    numbers = [person.number for person in people(1, 300, START)]
    assert sum(number[8:11] not in ("238", "239") for number in numbers) == 0


def test_an_extract_outside_the_year_is_refused() -> None:
    for as_of in (START - timedelta(days=1), START + timedelta(days=365)):
        with pytest.raises(ValueError, match="outside"):
            extract(1, 20, as_of, start=START)
