"""The daily intake: whose search begins today (plan 4.2.2). Pure; the SQL is in `db.intake`.

Oldest first, as many as the district's coordinators can take. Who would otherwise wait past the month goes
before all others and is never held back: the month is the city's promise, the capacity is not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from uuid import UUID

from contracts.intake import DistrictIntake, IntakePlan, Pick
from contracts.policy import OutreachPolicy
from contracts.tasks import TaskGroup
from contracts.workdays import ONE_DAY, allows_contact
from services.outreach.domain.staffing import Member

# A plan is one payload of a workflow. Who is beyond it starts on the last day by their own timer.
MOST_PICKS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A registered youth whose search has not begun."""

    youth_id: UUID
    episode_id: UUID
    district: str | None
    registered_on: date
    start_by: date  # the last day in time, by the policy that the youth started with


def next_intake_day(policy: OutreachPolicy, day: date) -> date:
    """Return the first day after a date on which there is an intake."""
    day += ONE_DAY
    while not allows_contact(policy, day):
        day += ONE_DAY
    return day


def why_no_intake(policy: OutreachPolicy, day: date) -> str | None:
    """Return why nobody is begun with on a day, or None when there is an intake."""
    if policy.intake != "capacity":
        return "the policy spreads starts by the youth's id"
    return None if allows_contact(policy, day) else "no working day"


def at_work(members: Iterable[Member], day: date) -> dict[str, float]:
    """Return how many coordinators are at work in a district on a day, in shares (of two districts, half in each).

    A district that has coordinators who are all away has none at work; one that nobody is named for is left
    out. Who works for the whole city is counted nowhere: they relieve others.
    """
    shares: dict[str, float] = defaultdict(float)
    for member in members:
        if member.group is TaskGroup.COORDINATORS and member.is_active(day):
            for district in member.districts:
                shares[district] += member.is_present(day) / len(member.districts)
    return dict(shares)


def capacity(policy: OutreachPolicy, coordinators: float | None) -> int:
    """Return how many searches a district may begin in a day, rounded up.

    ``coordinators``: how many are at work there, in shares; None where the staff register names nobody, and
    then the policy's number is taken.
    """
    working = policy.coordinators_per_district if coordinators is None else coordinators
    return ceil(round(working * policy.intake_per_coordinator, 6))


def plan(
    policy: OutreachPolicy,
    day: date,
    waiting: Sequence[Waiting],
    begun: Mapping[str | None, int],
    coordinators: Mapping[str, float],
) -> IntakePlan:
    """Return the day's intake. ``begun``: searches that have begun today already, by district.

    Urgent is whose last day comes no later than the next working day: that day's intake comes in the morning,
    and what stops it must not cost anybody the month.
    """
    urgent_until = next_intake_day(policy, day)
    by_district: dict[str | None, list[Waiting]] = defaultdict(list)
    for one in sorted(waiting, key=_oldest):
        by_district[one.district].append(one)
    urgent: list[Waiting] = []
    others: list[Waiting] = []
    districts: list[DistrictIntake] = []
    for district, queue in sorted(by_district.items(), key=lambda entry: entry[0] or ""):
        room = capacity(policy, None if district is None else coordinators.get(district))
        first = [one for one in queue if one.start_by <= urgent_until]
        left = max(0, room - begun.get(district, 0) - len(first))
        rest = [one for one in queue if one.start_by > urgent_until][:left]
        urgent += first
        others += rest
        districts.append(
            DistrictIntake(
                district=district,
                waiting=len(queue),
                capacity=room,
                begun=begun.get(district, 0),
                picked=len(first) + len(rest),
                urgent=len(first),
            )
        )
    chosen = [*sorted(urgent, key=lambda one: (one.start_by, one.episode_id)), *sorted(others, key=_oldest)][
        :MOST_PICKS
    ]
    return IntakePlan(
        day=day,
        districts=tuple(districts),
        picks=tuple(Pick(youth_id=one.youth_id, episode_id=one.episode_id) for one in chosen),
    )


def _oldest(one: Waiting) -> tuple[date, UUID]:
    return one.registered_on, one.episode_id
