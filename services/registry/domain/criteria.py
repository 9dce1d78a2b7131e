"""The criteria of Skollagen 29 kap. 9 §, one pure function each.

Every function takes the facts of one person, the day and the day's rule, and answers whether the
criterion is met, since when, by which source, and why (an explanation code). ``since`` is the day
from which the answer holds as far as the sources tell.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contracts.registry_activities import Source
from services.registry.domain.age import ADULT_AT, birthday, presumed_school_age_end
from services.registry.domain.facts import (
    EndKind,
    Enrolment,
    EnrolmentKind,
    EvidenceSource,
    ExamKind,
    PersonFacts,
)
from services.registry.domain.residence import residence_on
from services.registry.domain.rule_versions import RuleVersion


class Criterion(StrEnum):
    REGISTERED = "registered_in_municipality"
    UNDER_20 = "under_20"
    COMPULSORY_OVER = "compulsory_schooling_over"
    NOT_IN_SCHOOL = "not_in_upper_secondary"
    NO_EXAM = "no_gymnasieexamen"
    NO_CERTIFICATE = "no_gymnasiebevis_anpassad"
    NO_EQUIVALENT = "no_equivalent_education"


CITATIONS: dict[Criterion, str] = {
    Criterion.REGISTERED: "Skollagen 29 kap. 9 § och 6 §: folkbokförd i kommunen",
    Criterion.UNDER_20: "Skollagen 29 kap. 9 §: inte har fyllt 20 år",
    Criterion.COMPULSORY_OVER: "Skollagen 29 kap. 9 §: har fullgjort sin skolplikt eller inte varit skolpliktig",
    Criterion.NOT_IN_SCHOOL: "Skollagen 29 kap. 9 §: genomför inte utbildning i gymnasieskola, anpassad "
    "gymnasieskola eller motsvarande",
    Criterion.NO_EXAM: "Skollagen 29 kap. 9 §: har inte gymnasieexamen",
    Criterion.NO_CERTIFICATE: "Skollagen 29 kap. 9 §: har inte gymnasiebevis från anpassad gymnasieskola",
    Criterion.NO_EQUIVALENT: "Skollagen 29 kap. 9 §: har inte fullföljt motsvarande utbildning "
    "med godkänt resultat",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer comes from. ``source`` is None when the law and the birth date alone give it.

    ``file_date`` is the day that the file speaks for which brought the fact, ``known_from`` when we learned it.
    """

    source: EvidenceSource | None = None
    file_date: date | None = None
    since: date | None = None
    known_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class CriterionResult:
    criterion: Criterion
    met: bool
    explanation: str
    evidence: Evidence

    @property
    def citation(self) -> str:
        return CITATIONS[self.criterion]


_ONE_DAY = timedelta(days=1)
_UPPER_SECONDARY = frozenset({EnrolmentKind.NATIONAL, EnrolmentKind.ANPASSAD, EnrolmentKind.EQUIVALENT})
_SCHOOL = _UPPER_SECONDARY | {EnrolmentKind.INTRODUCTION, EnrolmentKind.COMPULSORY}


def registered_in_municipality(facts: PersonFacts, on: date, municipality: str) -> CriterionResult:
    """Population-registered here. What a file says of a later day does not hold yet."""
    if facts.merged:
        evidence = Evidence(Source.POPULATION, facts.statements[-1].file_date)
        return CriterionResult(Criterion.REGISTERED, False, "same_person_as_another", evidence)
    lives = residence_on(facts.statements, facts.protection, on, municipality)
    evidence = Evidence(
        Source.POPULATION, lives.statement.file_date, lives.since, known_from=lives.statement.known_from
    )
    return CriterionResult(Criterion.REGISTERED, lives.here, lives.explanation, evidence)


def under_20(facts: PersonFacts, on: date) -> CriterionResult:
    turns_20 = birthday(facts.birth_date, ADULT_AT)
    if on < turns_20:
        return CriterionResult(Criterion.UNDER_20, True, "under_20", Evidence(since=facts.birth_date))
    return CriterionResult(Criterion.UNDER_20, False, "turned_20", Evidence(since=turns_20))


def compulsory_schooling_over(facts: PersonFacts, on: date, rule: RuleVersion) -> CriterionResult:
    """Completed by record; else not while a compulsory school still has the pupil; else by the calendar."""

    def answer(met: bool, explanation: str, evidence: Evidence) -> CriterionResult:
        return CriterionResult(Criterion.COMPULSORY_OVER, met, explanation, evidence)

    school_age_end = presumed_school_age_end(facts.birth_date)
    completed = _first(
        (enrolment.compulsory_completed_on, enrolment)
        for enrolment in facts.enrolments
        if enrolment.compulsory_completed_on is not None and enrolment.compulsory_completed_on <= on
    )
    if completed is not None:
        return answer(True, "completed", _evidence(completed[1], completed[0]))
    attended = _first(
        (enrolment.starts_on, enrolment)
        for enrolment in facts.enrolments
        if enrolment.kind is EnrolmentKind.COMPULSORY and _goes_on(enrolment, on)
    )
    if attended is not None:  # schooling may be prolonged, until 18 at the latest (7 kap. 13 §)
        return answer(False, "attends_compulsory_school", _evidence(attended[1], attended[0]))
    if facts.immigrated_on is not None and school_age_end < facts.immigrated_on <= on:
        newest = facts.statements[-1]
        evidence = Evidence(Source.POPULATION, newest.file_date, facts.immigrated_on, known_from=newest.known_from)
        return answer(rule.late_arrivals_covered, "arrived_after_school_age", evidence)
    if on > school_age_end:
        return answer(True, "past_school_age", Evidence(since=school_age_end + _ONE_DAY))
    return answer(False, "of_compulsory_school_age", Evidence())


def not_in_upper_secondary(facts: PersonFacts, on: date, rule: RuleVersion) -> CriterionResult:
    """Attends no school that counts. Enrolled counts as attending until the school reports the end."""
    counted = [enrolment for enrolment in facts.enrolments if _counts(enrolment, rule)]
    attended = _first((enrolment.starts_on, enrolment) for enrolment in counted if _goes_on(enrolment, on))
    if attended is not None:
        return CriterionResult(
            Criterion.NOT_IN_SCHOOL, False, "attends_school", _evidence(attended[1], attended[0])
        )
    admitted = _first(
        (enrolment.starts_on, enrolment) for enrolment in counted if _bridges_summer(facts, enrolment, on)
    )
    if admitted is not None:
        evidence = _evidence(admitted[1], None)
        return CriterionResult(Criterion.NOT_IN_SCHOOL, False, "starts_after_summer", evidence)
    ended = latest_ended(counted, on)
    if ended is not None and ended.ends_on is not None:
        explanation = f"ended_{ended.end_kind or 'not_told'}"
        return CriterionResult(
            Criterion.NOT_IN_SCHOOL, True, explanation, _evidence(ended, ended.ends_on + _ONE_DAY)
        )
    return CriterionResult(Criterion.NOT_IN_SCHOOL, True, "no_enrolment", Evidence(Source.PLACEMENTS))


def no_gymnasieexamen(facts: PersonFacts, on: date) -> CriterionResult:
    return _not_completed(
        facts, on, Criterion.NO_EXAM, frozenset({ExamKind.GYMNASIEEXAMEN}), EnrolmentKind.NATIONAL
    )


def no_gymnasiebevis_anpassad(facts: PersonFacts, on: date) -> CriterionResult:
    kinds = frozenset({ExamKind.GYMNASIEBEVIS_ANPASSAD})
    return _not_completed(facts, on, Criterion.NO_CERTIFICATE, kinds, EnrolmentKind.ANPASSAD)


def no_equivalent_education(facts: PersonFacts, on: date) -> CriterionResult:
    """IB diploma, a foreign upper-secondary exam, folkhögskola with basic eligibility."""
    kinds = frozenset({ExamKind.IB, ExamKind.FOREIGN, ExamKind.FOLKHOGSKOLA})
    return _not_completed(facts, on, Criterion.NO_EQUIVALENT, kinds, EnrolmentKind.EQUIVALENT)


def latest_ended(enrolments: "list[Enrolment] | tuple[Enrolment, ...]", on: date) -> Enrolment | None:
    """Return the enrolment that ended last before ``on``, of those given."""
    ended = [enrolment for enrolment in enrolments if enrolment.ends_on is not None and enrolment.ends_on < on]
    return max(ended, key=lambda enrolment: (enrolment.ends_on, enrolment.starts_on), default=None)


def _not_completed(
    facts: PersonFacts, on: date, criterion: Criterion, exams: frozenset[ExamKind], enrolments: EnrolmentKind
) -> CriterionResult:
    """By the exams register, and by a school that reported the end of an enrolment with an exam."""
    found = [
        (
            exam.issued_on,
            str(exam.kind),
            Evidence(exam.source, exam.file_date, exam.issued_on, known_from=exam.known_from),
        )
        for exam in facts.exams
        if exam.kind in exams and exam.issued_on <= on
    ]
    found += [
        (enrolment.ends_on, "school_reported_exam", _evidence(enrolment, enrolment.ends_on))
        for enrolment in facts.enrolments
        if enrolment.kind is enrolments
        and enrolment.end_kind is EndKind.EXAM
        and enrolment.ends_on is not None
        and enrolment.ends_on <= on
    ]
    if found:
        _, explanation, evidence = min(found, key=lambda item: item[0])
        return CriterionResult(criterion, False, explanation, evidence)
    return CriterionResult(criterion, True, "none_found", Evidence(Source.EXAMS))


def _counts(enrolment: Enrolment, rule: RuleVersion) -> bool:
    return enrolment.kind in _UPPER_SECONDARY or (
        enrolment.kind is EnrolmentKind.INTRODUCTION and not rule.introduction_covered
    )


def _goes_on(enrolment: Enrolment, on: date) -> bool:
    return enrolment.starts_on <= on and (enrolment.ends_on is None or on <= enrolment.ends_on)


def bridging_begins(enrolment: Enrolment) -> date:
    """Return the earliest day on which `_bridges_summer` can be true for an enrolment."""
    return date(enrolment.starts_on.year, 5, 1)


def _bridges_summer(facts: PersonFacts, enrolment: Enrolment, on: date) -> bool:
    """Whether ``on`` lies in the summer between two schools, of which ``enrolment`` is the second.

    The law is silent on the weeks between the last day of one school and the first of the next; without
    this, a whole year group would be registered in July and ended in August. Only who was in school this
    spring is bridged, and only to a school that begins by 15 September.
    """
    spring, autumn = date(on.year, 5, 1), date(on.year, 9, 15)
    if not (spring <= on < enrolment.starts_on <= autumn):
        return False
    if presumed_school_age_end(facts.birth_date).year == on.year:
        return True
    return any(
        other.kind in _SCHOOL and spring <= day <= on
        for other in facts.enrolments
        for day in (other.ends_on, other.compulsory_completed_on)
        if day is not None
    )


def _evidence(enrolment: Enrolment, since: date | None) -> Evidence:
    return Evidence(enrolment.source, enrolment.file_date, since, known_from=enrolment.known_from)


def _first(found: "object") -> "tuple[date, Enrolment] | None":
    return min(found, key=lambda item: item[0], default=None)  # type: ignore[call-overload, no-any-return]
