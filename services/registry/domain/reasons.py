"""Why a youth is registered, and why the duty ends: read off the criteria and their dates."""

from dataclasses import dataclass
from datetime import date

from contracts.reasons import EndReason, RegistrationReason, SpecialTrack
from services.registry.domain.coverage import Coverage
from services.registry.domain.criteria import Criterion, latest_ended
from services.registry.domain.facts import EndKind, Enrolment, EnrolmentKind, ExamKind, PersonFacts

_END_REASONS: dict[Criterion, EndReason] = {
    Criterion.UNDER_20: EndReason.TURNED_20,
    Criterion.NO_EXAM: EndReason.EXAM,
    Criterion.NO_CERTIFICATE: EndReason.EXAM,
    Criterion.NO_EQUIVALENT: EndReason.EQUIVALENT_EDUCATION,
    Criterion.NOT_IN_SCHOOL: EndReason.STARTED_SCHOOL,
    Criterion.COMPULSORY_OVER: EndReason.REGISTERED_IN_ERROR,
}
_RESIDENCE_ENDS: dict[str, EndReason] = {
    "dead": EndReason.DEAD,
    "emigrated": EndReason.EMIGRATED,
    "same_person_as_another": EndReason.REGISTERED_IN_ERROR,
}  # else moved out
# When two ends fall on one day, the first of these is told.
_ORDER = (Criterion.REGISTERED, *_END_REASONS)


@dataclass(frozen=True, slots=True)
class End:
    """Why the duty ended, and the first day on which it did not hold."""

    reason: EndReason
    on: date


def end_of(coverage: Coverage, registered_on: date) -> End:
    """Return how the duty ended for a youth who is not covered any more: by what came first.

    The day is never before the youth was registered (facts may come late) nor after the decision.
    Raises ValueError when the youth is covered.
    """
    if coverage.covered:
        raise ValueError("the duty still holds")
    first = min(
        coverage.failed,
        key=lambda result: (result.evidence.since or coverage.on, _ORDER.index(result.criterion)),
    )
    if first.criterion is Criterion.REGISTERED:
        reason = _RESIDENCE_ENDS.get(first.explanation, EndReason.MOVED_OUT)
    else:
        reason = _END_REASONS[first.criterion]
    day = min(first.evidence.since or coverage.on, coverage.on)
    return End(reason, max(day, registered_on))


def registration_reason(facts: PersonFacts, coverage: Coverage) -> RegistrationReason:
    """Return why a covered youth came under the duty: by the criterion that was met last."""
    on = coverage.on
    left = latest_ended([one for one in facts.enrolments if one.kind not in _NOT_LEFT], on)
    left_school = max(
        (day for day in (_day_left(left), _studiebevis_on(facts, on)) if day is not None), default=None
    )
    lived_here = coverage.result(Criterion.REGISTERED).evidence.since
    schooling_over = coverage.result(Criterion.COMPULSORY_OVER).evidence.since
    # In the order of preference when dates are equal.
    dated = [
        (day, kind)
        for kind, day in (("left", left_school), ("residence", lived_here), ("schooling", schooling_over))
        if day is not None
    ]
    last = max(dated, key=lambda item: item[0])[1] if dated else "unknown"
    if last == "left":
        return _reason_left(facts, left, on)
    if last == "residence":
        arrived = facts.immigrated_on is not None and facts.immigrated_on == lived_here
        return RegistrationReason.NEWLY_ARRIVED if arrived else RegistrationReason.MOVED_IN
    if coverage.result(Criterion.COMPULSORY_OVER).explanation == "arrived_after_school_age":
        return RegistrationReason.NEWLY_ARRIVED
    if facts.enrolments or facts.exams or lived_here is not None:
        return RegistrationReason.NEVER_STARTED
    return RegistrationReason.UNKNOWN  # no school source knows the youth, nor when they came here


def tracks(facts: PersonFacts, coverage: Coverage) -> tuple[SpecialTrack, ...]:
    """Return the groups of a covered youth whom the plan treats differently."""
    found = []
    if coverage.result(Criterion.COMPULSORY_OVER).explanation == "arrived_after_school_age":
        found.append(SpecialTrack.NEWLY_ARRIVED)
    if _studiebevis_on(facts, coverage.on) is not None:
        found.append(SpecialTrack.STUDIEBEVIS)
    return tuple(found)


_NOT_LEFT = frozenset({EnrolmentKind.COMPULSORY, EnrolmentKind.OTHER})


def _day_left(enrolment: Enrolment | None) -> date | None:
    return None if enrolment is None else enrolment.ends_on


def _reason_left(facts: PersonFacts, left: Enrolment | None, on: date) -> RegistrationReason:
    if _studiebevis_on(facts, on) is not None:
        return RegistrationReason.STUDIEBEVIS
    if left is not None and left.kind is EnrolmentKind.INTRODUCTION:
        return RegistrationReason.LEFT_INTRODUCTION
    return RegistrationReason.LEFT_SCHOOL


def _studiebevis_on(facts: PersonFacts, on: date) -> date | None:
    """Return the day of the latest studiebevis: three years done, no exam."""
    days = [exam.issued_on for exam in facts.exams if exam.kind is ExamKind.STUDIEBEVIS]
    days += [one.ends_on for one in facts.enrolments if one.end_kind is EndKind.STUDIEBEVIS and one.ends_on]
    return max((day for day in days if day <= on), default=None)
