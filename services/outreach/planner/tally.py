"""Counting what a simulation does, by ISO week and district."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from contracts.messages import CHANNEL_OF, Channel
from contracts.tasks import HomeVisitOutcome, HomeVisitResult, Outcome, TaskKind
from workflows.youth_outreach.moves import Move

NO_DISTRICT = "none"
MEASURES = (
    "registered",
    "started",
    "started_late",
    "letters",
    "sms",
    "calls",
    "visits_planned",
    "home_visits",
    "visits_called_off",
    "mappings",
    "follow_ups",
    "other_tasks",
    "reached",
    "reached_first",
    "watched",
    "ended",
)
_WORK: Mapping[TaskKind, str] = {
    TaskKind.CALL: "calls",
    TaskKind.PLAN_HOME_VISIT: "visits_planned",
    TaskKind.HOME_VISIT: "home_visits",
    TaskKind.MAPPING: "mappings",
    TaskKind.FOLLOW_UP: "follow_ups",
}
Key = tuple[date, str, str]  # Monday of the week, district, measure


class Tally:
    """Counts by (week, district, measure), and how many tasks waited for room at most, by (week, district)."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.counts: Counter[Key] = Counter()
        self.most_waiting: Counter[tuple[date, str]] = Counter()

    def count(self, now: datetime, district: str | None, measure: str, number: int = 1) -> None:
        self.counts[monday(now.date()), district or NO_DISTRICT, measure] += number

    def work(self, now: datetime, district: str | None, outcome: Outcome) -> None:
        """Count a task that staff have done, by its outcome. A visit that is called off is not made."""
        if isinstance(outcome, HomeVisitOutcome) and outcome.result is HomeVisitResult.CALLED_OFF:
            self.count(now, district, "visits_called_off")
        else:
            self.count(now, district, _WORK.get(outcome.kind, "other_tasks"))

    def waiting(self, now: datetime, district: str, number: int) -> None:
        """Note how many tasks wait for room in a district."""
        key = (monday(now.date()), district)
        self.most_waiting[key] = max(self.most_waiting[key], number)

    def note(self, now: datetime, move: Move, *, first: bool) -> None:
        """Count what a move sends, and where it leads. ``first``: the youth was not reached before."""
        district = move.state.district
        for message in move.messages:
            self.count(now, district, "letters" if CHANNEL_OF[message.kind] is Channel.LETTER else "sms")
        if (progress := move.progress) is None:
            return
        happened = {
            "started": progress.started,
            "started_late": progress.start_late,
            "reached": progress.reached is not None,
            "reached_first": first and progress.reached is not None,
            "watched": progress.watch is not None,
            "ended": progress.ended is not None,
        }
        for measure, so in happened.items():
            if so:
                self.count(now, district, measure)

    def total(self, measure: str) -> int:
        return sum(number for (_, _, counted), number in self.counts.items() if counted == measure)


def monday(day: date) -> date:
    """Return the first day of a date's ISO week."""
    return day - timedelta(days=day.weekday())
