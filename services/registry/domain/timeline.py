"""When the duty held and will hold for a person, by all that is known now: the coverage as periods of days.

The duty changes only on days that the facts, the birth date and the wordings of the law give. So deciding
for those days decides for all, and a run need look again only at whose next such day has come.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from services.registry.domain.age import ADULT_AT, birthday, presumed_school_age_end
from services.registry.domain.coverage import holds
from services.registry.domain.criteria import bridging_begins
from services.registry.domain.facts import PersonFacts, Protection
from services.registry.domain.residence import district_on, effects
from services.registry.domain.rule_versions import VERSIONS

NEVER = date.max  # nothing more will happen by the passing of time
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which the duty holds, in one district: from ``start`` up to, not including, ``end``.

    A protected youth is in no district: where they live is not to be read off a small number.
    """

    start: date
    end: date
    district: str | None


def periods(facts: PersonFacts, municipality: str) -> tuple[Period, ...]:
    """Return the periods during which the duty holds, in order; the last may lie ahead."""
    found: list[Period] = []
    if facts.merged:
        return ()
    for start, end in _stretches(facts):
        if not holds(facts, start, municipality):
            continue
        hidden = facts.protection is not Protection.NONE
        district = None if hidden else district_on(facts.statements, start)
        if found and found[-1].end == start and found[-1].district == district:
            found[-1] = Period(found[-1].start, end, district)
        else:
            found.append(Period(start, end, district))
    return tuple(found)


def next_look(facts: PersonFacts, after: date) -> date:
    """Return the next day on which time alone can change what is told of a person; `NEVER` when none will."""
    if facts.merged or after >= birthday(facts.birth_date, ADULT_AT):
        return NEVER
    return min((day for day in turning_days(facts) if day > after), default=NEVER)


def turning_days(facts: PersonFacts) -> set[date]:
    """Return every day on which an answer to a criterion can become another."""
    days = {version.since for version in VERSIONS}
    days |= {birthday(facts.birth_date, ADULT_AT), presumed_school_age_end(facts.birth_date) + _ONE_DAY}
    days |= effects(facts.statements)
    days |= {one.immigrated_on for one in facts.statements if one.immigrated_on}
    for enrolment in facts.enrolments:
        days |= {enrolment.starts_on, bridging_begins(enrolment)}
        if enrolment.ends_on is not None:
            # From its last day an exam counts; on the day after, the pupil attends no more.
            days |= {enrolment.ends_on, enrolment.ends_on + _ONE_DAY}
        if enrolment.compulsory_completed_on is not None:
            days.add(enrolment.compulsory_completed_on)
    days |= {exam.issued_on for exam in facts.exams}
    return days


def _stretches(facts: PersonFacts) -> Iterator[tuple[date, date]]:
    """Yield the stretches of days, up to the 20th birthday, within which no answer changes."""
    begin = max(VERSIONS[0].since, facts.birth_date, _schooling_over_from(facts))
    end = birthday(facts.birth_date, ADULT_AT)
    days = sorted({begin, *(day for day in turning_days(facts) if begin < day < end), end})
    if begin < end:
        yield from pairwise(days)


def _schooling_over_from(facts: PersonFacts) -> date:
    """Return a day before which compulsory schooling cannot be over, and so the duty cannot hold."""
    completed = [one.compulsory_completed_on for one in facts.enrolments if one.compulsory_completed_on]
    return min([presumed_school_age_end(facts.birth_date) + _ONE_DAY, *completed])
