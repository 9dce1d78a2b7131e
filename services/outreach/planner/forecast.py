"""A forecast: calls, visits, letters and conversations per week and district, and what would be late."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date, datetime

from pydantic import Field

from contracts.base import Contract
from contracts.policy import OutreachPolicy
from services.outreach.planner.assumptions import Assumptions, Staffing
from services.outreach.planner.simulation import Simulation
from services.outreach.planner.tally import MEASURES, NO_DISTRICT, Tally
from workflows.youth_outreach.state import State

Coming = tuple[datetime, State]


class Week(Contract):
    """What is done in one district in one ISO week. A measure that is left out is none."""

    week: date = Field(description="Its Monday")
    district: str
    counts: dict[str, int]
    most_waiting: int = Field(default=0, description="Tasks that waited for staff to have room, at most")


class Forecast(Contract):
    first_day: date
    last_day: date
    policy_version: str
    youths: int = Field(description="Open when it begins")
    totals: dict[str, int]
    reached_share: float | None = Field(description="Reached, of those who were sought and not reached before")
    most_waiting: int
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the youths as they stand and come, until when, and what is taken for granted."""

    youths: Sequence[State]
    coming: Sequence[Coming]
    policy: OutreachPolicy  # in force, by which the daily intake goes
    begins: datetime
    ends: datetime
    assumptions: Assumptions
    staffing: Staffing
    seed: int = 1

    def under(self, policy: OutreachPolicy, *, also_running: bool) -> "Question":
        """Return the same question under another policy: of those who come, or of those who run as well."""
        waiting = [_by(one, policy) if also_running or not one.started else one for one in self.youths]
        coming = [(at, _by(one, policy)) for at, one in self.coming]
        return replace(self, youths=waiting, coming=coming, policy=policy)

    def parts(self, number: int) -> list["Question"]:
        """Return questions that can be answered side by side: districts share no staff."""
        sizes: Counter[str] = Counter(one.district or NO_DISTRICT for one in self.youths)
        sizes.update(one.district or NO_DISTRICT for _, one in self.coming)
        shares: list[tuple[int, set[str]]] = [(0, set()) for _ in range(max(1, min(number, len(sizes))))]
        for district, size in sizes.most_common():
            least = min(range(len(shares)), key=lambda at: shares[at][0])
            taken, districts = shares[least]
            shares[least] = (taken + size, districts | {district})
        return [self._of(districts) for _, districts in shares]

    def _of(self, districts: set[str]) -> "Question":
        return replace(
            self,
            youths=[one for one in self.youths if (one.district or NO_DISTRICT) in districts],
            coming=[(at, one) for at, one in self.coming if (one.district or NO_DISTRICT) in districts],
        )


def simulate(question: Question) -> Tally:
    """Answer one question. Takes processor time."""
    return Simulation(
        question.youths,
        question.coming,
        question.policy,
        begins=question.begins,
        ends=question.ends,
        assumptions=question.assumptions,
        staffing=question.staffing,
        seed=question.seed,
    ).run()


def forecast(question: Question, pool: Executor | None = None, parts: int = 1) -> Forecast:
    """Return the answer, in as many processes as there are parts."""
    asked = question.parts(parts) if pool is not None else [question]
    tallies = list(pool.map(simulate, asked)) if pool is not None else [simulate(one) for one in asked]
    return told(question, tallies)


def told(question: Question, tallies: Sequence[Tally]) -> Forecast:
    """Put the tallies of all parts together."""
    counts: Counter[tuple[date, str, str]] = Counter()
    most: Counter[tuple[date, str]] = Counter()
    for tally in tallies:
        counts.update(tally.counts)
        most.update(tally.most_waiting)
    weeks: dict[tuple[date, str], dict[str, int]] = {}
    totals: Counter[str] = Counter()
    for (week, district, measure), number in counts.items():
        weeks.setdefault((week, district), {})[measure] = number
        totals[measure] += number
    for key in most:
        weeks.setdefault(key, {})
    sought = sum(not one.reached and not one.protected for one in question.youths) + len(question.coming)
    return Forecast(
        first_day=question.begins.date(),
        last_day=question.ends.date(),
        policy_version=question.policy.version,
        youths=len(question.youths),
        totals={measure: totals[measure] for measure in MEASURES},
        reached_share=round(min(1.0, totals["reached_first"] / sought), 3) if sought else None,
        most_waiting=max(most.values(), default=0),
        weeks=tuple(
            Week(
                week=week,
                district=district,
                counts={measure: found[measure] for measure in MEASURES if measure in found},
                most_waiting=most[week, district],
            )
            for (week, district), found in sorted(weeks.items())
        ),
    )


def _by(state: State, policy: OutreachPolicy) -> State:
    return replace(state, policy=policy)
