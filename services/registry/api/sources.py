"""How each source is: what it told last, how old that is, what was wrong with it, when it was good."""

from collections import defaultdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import allow
from chassis.auth import Principal
from chassis.clock import STOCKHOLM
from chassis.problems import responses
from contracts.actions import Action
from contracts.registry_activities import Source
from services.registry.api.parts import TheParts
from services.registry.db import attentions as db
from services.registry.domain.attention import AttentionReason, is_stale

router = APIRouter(prefix="/sources", tags=["sources"], responses=responses(401, 403))
Watcher = Annotated[Principal, Depends(allow(Action.SOURCES_READ))]


class GoodRun(BaseModel):
    run_id: str
    finished_at: datetime
    accepted: int


class SourceHealth(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "population",
                    "comes_as": "file",
                    "file_name": "population_20261001.csv",
                    "newest": "2026-10-01",
                    "days_old": 4,
                    "stale_after_days": 7,
                    "stale": False,
                    "read_at": "2026-10-05T04:00:10+02:00",
                    "read": 45012,
                    "rejected": 3,
                    "accepted": 45009,
                    "held": None,
                    "failed": None,
                    "last_good": {
                        "run_id": "5c1d5a0e-3f52-4f0e-8a43-0c8f2f2f8a11",
                        "finished_at": "2026-10-05T04:00:10+02:00",
                        "accepted": 45009,
                    },
                    "attentions": [],
                }
            ]
        }
    )

    source: str = Field(description="`ss12000:<server>` is a school's data API")
    comes_as: str = Field(
        description="file, changes (Navet), api (SS 12000), reports (of schools), entries (of staff)"
    )
    file_name: str | None = None
    newest: date | None = Field(default=None, description="The day that the newest speaks for")
    days_old: int | None = None
    stale_after_days: int | None = Field(default=None, description="null: tells when there is something to tell")
    stale: bool = False
    read_at: datetime | None = None
    read: int | None = None
    rejected: int | None = None
    accepted: int | None = Field(default=None, description="Of reports and entries: in the last 30 days")
    held: str | None = None
    failed: str | None = None
    last_good: GoodRun | None = None
    attentions: list[AttentionReason] = []


class Sources(BaseModel):
    items: list[SourceHealth]


@router.get("")
async def list_sources(_: Watcher, parts: TheParts) -> Sources:
    """Every source that there is. Tells of nobody."""
    now = parts.clock.now()
    async with parts.pool.acquire() as conn:
        files = await conn.fetch(db.FILES, list(Source))
        navet = await conn.fetchrow(db.NAVET)
        servers = await conn.fetch(db.SERVERS)
        reports = await conn.fetchrow(db.REPORTS, now)
        manual = await conn.fetchrow(db.MANUAL, now)
        open_reasons: defaultdict[str, list[AttentionReason]] = defaultdict(list)
        for row in await conn.fetch(db.OPEN_REASONS):
            open_reasons[row["source"]].append(AttentionReason(row["reason"]))

    def health(source: str, comes_as: str, row: Any, **more: Any) -> SourceHealth:
        newest, today = (None if row is None else row["newest"]), now.date()
        limit = None if comes_as in ("reports", "entries") else parts.stale_after.of(source)
        told = {key: row[key] for key in COUNTS if row is not None and key in row.keys()}  # noqa: SIM118 - a record
        read_at = None if row is None else row["read_at"]
        return SourceHealth(
            source=source,
            comes_as=comes_as,
            newest=newest,
            days_old=None if newest is None else (today - newest).days,
            stale_after_days=limit,
            stale=limit is not None and is_stale(newest, today, limit),
            read_at=None if read_at is None else read_at.astimezone(STOCKHOLM),
            attentions=open_reasons[source],
            **(told | more),
        )

    return Sources(
        items=[
            *(health(row["source"], "file", row, last_good=_good(row)) for row in files),
            health("navet", "changes", navet),
            *(health(f"ss12000:{row['server']}", "api", row, **_of_server(row["counts"])) for row in servers),
            health("reports", "reports", reports),
            health("manual", "entries", manual),
        ]
    )


COUNTS = ("file_name", "read", "rejected", "accepted", "held", "failed")


def _good(row: Any) -> GoodRun | None:
    if row["good_run"] is None:
        return None
    at = row["good_at"].astimezone(STOCKHOLM)
    return GoodRun(run_id=str(row["good_run"]), finished_at=at, accepted=row["good_accepted"])


def _of_server(counts: dict[str, Any] | None) -> dict[str, int]:
    """Of the last good reading."""
    return {} if counts is None else {"accepted": counts["rows"]}
