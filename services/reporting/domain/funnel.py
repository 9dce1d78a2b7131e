"""The funnel: figures per district and in total, from the rows of `db/funnel.sql`.

What each figure means stands there, once; the descriptions here are for readers of the API.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from contracts.districts import DISTRICT_BY_CODE, district_on, districts_on
from contracts.messages import MessageKind
from contracts.reasons import EndReason, ReachedBy, WatchReason
from contracts.tasks import TaskKind
from services.reporting.domain.period import Period

EFFORT_TYPES: tuple[str, ...] = (*MessageKind, TaskKind.CALL, TaskKind.HOME_VISIT)
# Who was registered in error was never covered, so nobody's duty ends by it.
END_REASONS = tuple(reason for reason in EndReason if reason is not EndReason.REGISTERED_IN_ERROR)


class Effort(BaseModel):
    """Efforts of one type."""

    model_config = ConfigDict(frozen=True)

    made: int = Field(default=0, description="Messages handed over, calls made, visits carried out")
    youths: int = Field(default=0, description="Unique youths they were made for")
    answered: int = Field(
        default=0, description="Of those made: answered by the youth, spoken to on the phone, met at the door"
    )
    failed: int = Field(default=0, description="Of those made: could not be delivered")


class Figures(BaseModel):
    """Figures of a period. All but `efforts` and `sent_after_end` count unique youths."""

    model_config = ConfigDict(frozen=True)

    covered: int = Field(description="Covered by the duty on at least one day of the period")
    sought: int = Field(description="Whose search began, or for whom an effort was made, in the period")
    start_breaches: int = Field(
        default=0, description="Whose search had not begun within the month, which ran out in the period"
    )
    reached: int = Field(description="Reached in the period")
    reached_by: dict[str, int] = Field(description="The reached, by the first way in the period")
    in_support: int = Field(description="In support on at least one day of the period")
    under_watch: int = Field(description="Under watch (bevakning) on at least one day of the period")
    under_watch_by: dict[str, int] = Field(description="Those under watch, by the latest reason")
    ended: int = Field(description="Whose duty ended in the period, and did not begin anew in it")
    ended_by: dict[str, int] = Field(description="The ended, by reason")
    sent_after_end: int = Field(
        description="Letters and SMS (not youths) that went out though the duty had ended: none should"
    )
    efforts: dict[str, Effort] = Field(description="Efforts in the period for the covered, by type")


class DistrictFigures(Figures):
    district: str | None = Field(description="Code; null: protected identity, or not known")
    name: str


class Funnel(BaseModel):
    """What came of the outreach in a period."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    first: date = Field(serialization_alias="from", description="First day, included")
    last: date = Field(serialization_alias="to", description="Last day, included")
    district: str | None = Field(description="The only district counted; null: all")
    made_at: datetime = Field(description="When the figures were made, civil time")
    total: Figures
    districts: tuple[DistrictFigures, ...] = Field(
        description="By the district in which a youth was last registered in the period; they add up to the total"
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `db/funnel.sql`."""

    district: str | None
    figure: str
    part: str | None
    n: int


@dataclass(slots=True)
class _Counts:
    by_part: dict[str, dict[str | None, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def add(self, row: Row) -> None:
        self.by_part[row.figure][row.part] += row.n

    def sum(self, figure: str) -> int:
        return sum(self.by_part[figure].values())

    def parts(self, figure: str, parts: Iterable[str]) -> dict[str, int]:
        """Return the count of each part: all known ones, and any other that occurs."""
        found = self.by_part[figure]
        return {str(part): found[part] for part in parts} | {str(part): n for part, n in found.items() if n}

    def figures(self) -> dict[str, object]:
        efforts = {
            name: self.parts(f"efforts_{name}", EFFORT_TYPES) for name in ("made", "youths", "answered", "failed")
        }
        return {
            "covered": self.sum("covered"),
            "sought": self.sum("sought"),
            "start_breaches": self.sum("start_breaches"),
            "reached": self.sum("reached"),
            "reached_by": self.parts("reached", ReachedBy),
            "in_support": self.sum("in_support"),
            "under_watch": self.sum("under_watch"),
            "under_watch_by": self.parts("under_watch", WatchReason),
            "ended": self.sum("ended"),
            "ended_by": self.parts("ended", END_REASONS),
            "sent_after_end": self.sum("sent_after_end"),
            "efforts": {
                type: Effort(**{name: counts.get(type, 0) for name, counts in efforts.items()})
                for type in efforts["made"]
            },
        }


def make_funnel(rows: Iterable[Row], period: Period, district: str | None, made_at: datetime) -> Funnel:
    """Return the funnel of a period, of one district or (None) of all.

    A district that has merged counts in the one that it is part of on the period's last day.
    """
    total = _Counts()
    by_district: dict[str | None, _Counts] = {
        existing.code: _Counts() for existing in districts_on(period.last) if district in (None, existing.code)
    }
    for row in rows:
        code = district_on(row.district, period.last) if row.district else None
        if district is not None and code != district:
            continue
        total.add(row)
        by_district.setdefault(code, _Counts()).add(row)
    return Funnel(
        first=period.first,
        last=period.last,
        district=district,
        made_at=made_at,
        total=Figures.model_validate(total.figures()),
        districts=tuple(
            DistrictFigures.model_validate({**counts.figures(), "district": code, "name": _name(code)})
            for code, counts in by_district.items()
        ),
    )


def _name(code: str | None) -> str:
    if code is None:
        return "Okänt eller skyddat"
    return DISTRICT_BY_CODE[code].name if code in DISTRICT_BY_CODE else code
