"""Period totals worked out anew from raw extracts, day by day, by nothing of the registry's own code.

The same question as `services.registry.db.periods.totals`, answered the slow way: for every person and
every day of the period, is each criterion of Skollagen 29 kap. 9 § met by what the files said?
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from contracts.registry_activities import Source

Row: TypeAlias = tuple[str, ...]
Extract: TypeAlias = Mapping[Source, Iterable[Row]]
DAY = timedelta(days=1)
(NUMBER, PREVIOUS, DISTRICT, MUNICIPALITY, STATUS, STATUS_DATE, PROTECTION, IMMIGRATED, MOVED_IN) = (
    0, 1, 9, 10, 11, 12, 13, 14, 15,
)  # fmt: skip
UPPER = {"national", "anpassad", "equivalent", "introduction"}
PASSED = {"gymnasieexamen", "gymnasiebevis_anpassad", "ib", "foreign", "folkhogskola"}


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass
class Life:
    """What the extracts have told of one person: the population rows by file date, the rest as told last."""

    born: date
    population: list[tuple[date, Row | None]] = field(default_factory=list)
    schooling: list[Row] = field(default_factory=list)
    exams: list[Row] = field(default_factory=list)
    protected: bool = False

    def told(self, file_date: date, row: Row | None) -> None:
        said = None if row is None else row[DISTRICT : STATUS_DATE + 1] + row[IMMIGRATED : MOVED_IN + 1]
        before = self.population[-1][1] if self.population else ()
        was = None if before is None else before[DISTRICT : STATUS_DATE + 1] + before[IMMIGRATED : MOVED_IN + 1]
        if not self.population or said != was:
            self.population.append((file_date, row))


def lives(extracts: Mapping[date, Extract]) -> list[Life]:
    """Follow every person through the extracts, also across a change of number."""
    of: dict[str, Life] = {}
    for file_date in sorted(extracts):
        extract = extracts[file_date]
        here = set()
        for row in extract[Source.POPULATION]:
            life = of.get(row[PREVIOUS]) or of.get(row[NUMBER])
            digits = row[NUMBER]
            born = date(int(digits[:4]), int(digits[4:6]), (int(digits[6:8]) - 1) % 60 + 1)
            life = life or Life(born)
            life.born = born
            of[row[NUMBER]] = life
            if row[PREVIOUS]:
                of[row[PREVIOUS]] = life
            life.told(file_date, row)
            life.protected |= row[PROTECTION] not in ("", "none")
            here.add(id(life))
        for life in of.values():
            if id(life) not in here:
                life.told(file_date, None)
            life.schooling, life.exams = [], []
        for source in (Source.PLACEMENTS, Source.SCHOOLS, Source.EXAMS):
            kept = "exams" if source is Source.EXAMS else "schooling"
            for row in extract[source]:
                if row[0] in of:
                    getattr(of[row[0]], kept).append(row)
    return list({id(life): life for life in of.values()}.values())


def totals(extracts: Mapping[date, Extract], first: date, last: date) -> tuple[int, dict[str | None, int]]:
    """Return the unique youths covered at any time from ``first`` to ``last``: all, and by district."""
    everybody = 0
    by_district: dict[str | None, int] = defaultdict(int)
    for life in lives(extracts):
        districts = set()
        today = first
        while today <= last:
            if _covered(life, today):
                districts.add(None if life.protected else _district(life, today))
            today += DAY
        everybody += bool(districts)
        for district in districts:
            by_district[district] += 1
    return everybody, dict(by_district)


def _covered(life: Life, today: date) -> bool:
    if today >= life.born.replace(year=life.born.year + 20):  # nobody here is born on a leap day
        return False
    if not _lives_here(life, today) or not _school_is_over(life, today) or _attends(life, today):
        return False
    passed = any(row[1] in PASSED and row[2] <= today.isoformat() for row in life.exams)
    told = any(row[6] == "exam" and row[5] <= today.isoformat() for row in life.schooling)
    return not passed and not told


def _lives_here(life: Life, today: date) -> bool:
    """The newest file that speaks of the day has the word."""
    for at in range(len(life.population) - 1, -1, -1):
        file_date, row = life.population[at]
        if row is None or row[STATUS] != "active":
            left = file_date if row is None else day(row[STATUS_DATE])
            assert left is not None
            if today >= left:
                return False
            if at == 0:
                assert row is not None
                return not _came(row) or today >= _came(row)  # type: ignore[operator]
            continue
        came = _came(row)
        if came is None and at > 0 and (life.population[at - 1][1] is None or _gone(life.population[at - 1][1])):
            came = file_date
        if came is not None and today < came:
            continue
        return row[MUNICIPALITY] == "0180" or row[PROTECTION] == "skyddad_folkbokforing"
    return False


def _gone(row: Row | None) -> bool:
    return row is not None and row[STATUS] != "active"


def _came(row: Row) -> date | None:
    return max((found for found in (day(row[IMMIGRATED]), day(row[MOVED_IN])) if found), default=None)


def _district(life: Life, today: date) -> str | None:
    """The last file until the day that had the person here; for the time before all files, the first."""
    best: str | None = None
    known = False
    for at, (file_date, row) in enumerate(life.population):
        if row is None or row[STATUS] != "active":
            continue
        came = _came(row)
        counts_from = file_date
        if at > 0 and came and life.population[at - 1][0] < came <= file_date:
            counts_from = came
        if not known or counts_from <= today:
            best, known = row[DISTRICT] or None, True
    return best


def _school_is_over(life: Life, today: date) -> bool:
    for row in life.schooling:
        if len(row) > 7 and row[7] and row[7] <= today.isoformat():
            return True
    for row in life.schooling:
        ends = day(row[5])
        if row[2] == "compulsory" and row[4] <= today.isoformat() and (ends is None or today <= ends):
            return False
    return today > date(life.born.year + 16, 6, 30)  # who came late counts as well, since July 2018


def _attends(life: Life, today: date) -> bool:
    counted = [row for row in life.schooling if row[2] in UPPER]
    for row in counted:
        starts, ends = day(row[4]), day(row[5])
        assert starts is not None
        if starts <= today and (ends is None or today <= ends):
            return True
        may, september = date(today.year, 5, 1), date(today.year, 9, 15)
        if may <= today < starts <= september:
            leaves_school = life.born.year + 16 == today.year
            was_there = any(
                other[2] in UPPER | {"compulsory"} and found and may <= found <= today
                for other in life.schooling
                for found in (day(other[5]), day(other[7]) if len(other) > 7 else None)
            )
            if leaves_school or was_there:
                return True
    return False
