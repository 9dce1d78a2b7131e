"""Reports of schools, read: listed, of one youth, and how late each school tells. Reads are recorded."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import Field

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.clock import STOCKHOLM
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import not_found, responses
from contracts.access import scopes_of
from contracts.actions import Action
from contracts.districts import district_on
from contracts.school_reports import SchoolReportKind
from services.registry.api import school_report_models as models
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.api.report_reading import refused
from services.registry.db import school_reports as db
from services.registry.db import youths
from services.registry.domain.school_reports import Fault
from services.registry.domain.visibility import Sight, codes_of, sight

router = APIRouter(tags=["school reports"], responses=responses(401, 403, 422))
SchoolUnit = Annotated[str | None, Query(pattern=r"^[0-9]{8}$", description="Skolverket's school unit code")]
Day = Annotated[date | None, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Reading = Annotated[Reader, Depends(reader_for(Action.SCHOOL_REPORTS_READ))]
Counter = Annotated[Principal, Depends(allow(Action.SCHOOL_REPORTS_COUNT))]


@router.get("/school-reports", responses=responses(400))
async def list_reports(
    reader: Reading,
    parts: TheParts,
    school_unit: SchoolUnit = None,
    kind: SchoolReportKind | None = None,
    matched: Annotated[bool | None, Query(description="false: nobody of ours has the number")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> models.SchoolReports:
    """Reports, the latest first. A filter by school or kind leaves protected identities out."""
    viewer, now = reader.viewer, parts.clock.now()
    own = viewer.own_districts
    recorded_at, report_id = _after(cursor)
    async with transaction(parts.pool) as conn:
        rows = await conn.fetch(
            db.PAGE,
            recorded_at,
            report_id,
            limit + 1,
            school_unit,
            kind,
            matched,
            None if own is None else sorted(codes_of(own, now.date())),
            viewer.sees_unprotected,
            viewer.knows_of_protected,
            viewer.opens_protected,
        )
        shown = rows[:limit]
        about: list[tuple[UUID | None, str | None]] = [(row["person_id"], str(row["id"])) for row in shown]
        await audit.record_each(
            conn, actor=reader.subject, role=reader.role, action="school-report.list", at=now,
            about=about or [(None, None)], why=viewer.reason,
        )  # fmt: skip
    more = encode_cursor(shown[-1]["recorded_at"].isoformat(), shown[-1]["id"]) if len(rows) > limit else None
    return models.SchoolReports(items=[_view(row, reader, now.date()) for row in shown], next=more)


@router.get("/school-reports/lateness")
async def show_lateness(
    _: Counter,
    parts: TheParts,
    first: Annotated[
        Day, Query(alias="from", description="A day of the first month; when left out, eleven before `to`'s")
    ] = None,
    last: Annotated[
        Day, Query(alias="to", description="A day of the last month; this month, when left out")
    ] = None,
    kind: SchoolReportKind | None = None,
) -> models.Lateness:
    """How long after the event each school told of it, of what was first told in a period of whole months.

    A report counts once, however often it was told, with its right date when it has been put right. Of
    reports that were deleted only the months are known; they go on counting.
    """
    until = last or parts.clock.today()
    since = first or _months_later(until, -11)
    if since > until:
        raise refused((Fault("from", "after_to"),), where="query")
    since, to = since.replace(day=1), _months_later(until, 1) - timedelta(days=1)
    limit = parts.report_rules.late_after_days
    async with parts.pool.acquire() as conn:
        rows = await db.lateness(conn, since, to, kind, limit)
    items = [models.SchoolLateness.model_validate(dict(row)) for row in rows]
    return models.Lateness(first=since, last=to, late_after_days=limit, items=items)


@router.get("/youths/{youth_id}/school-reports", responses=responses(404))
async def of_youth(reader: Reading, parts: TheParts, youth_id: UUID) -> models.SchoolReports:
    """All that schools told of one youth, corrected and withdrawn reports included; the latest event first."""
    now = parts.clock.now()
    async with transaction(parts.pool) as conn:
        row = await conn.fetchrow(youths.GET, youth_id)
        if row is None or _sight(reader, row, now.date()) is Sight.HIDDEN:
            raise not_found("youth")
        rows = await conn.fetch(db.OF_PERSON, youth_id)
        await audit.record(
            conn, actor=reader.subject, role=reader.role, action="youth.read_school_reports", at=now,
            youth_id=youth_id, why=reader.viewer.reason,
        )  # fmt: skip
    return models.SchoolReports(items=[_view(row, reader, now.date()) for row in rows])


def _months_later(day: date, months: int) -> date:
    """Return the first day of the month that is so many after the day's own."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _sight(reader: Reader, row: asyncpg.Record, today: date) -> Sight:
    district = None if row["district"] is None else district_on(row["district"], today)
    return sight(reader.viewer, protected=row["protected"], district=district)


def _view(row: asyncpg.Record, reader: Reader, today: date) -> models.SchoolReportView:
    waits = row["person_id"] is None
    if not waits and _sight(reader, row, today) is not Sight.FULL:
        return models.SchoolReportView(report_id=row["id"], youth_id=row["person_id"], protected=True)
    withdrawn_at: datetime | None = row["withdrawn_at"]
    return models.SchoolReportView(
        report_id=row["id"],
        youth_id=row["person_id"],
        person_number=row["waiting_number"] if waits and _sees_strangers(reader) else None,
        days_late=max((row["first_told_on"] - row["event_date"]).days, 0),
        corrected_by=row["superseded_by"],
        withdrawn_on=None if withdrawn_at is None else withdrawn_at.astimezone(STOCKHOLM).date(),
        recorded_at=row["recorded_at"].astimezone(STOCKHOLM),
        **{key: row[key] for key in _AS_STORED},
    )


def _sees_strangers(reader: Reader) -> bool:
    return bool(scopes_of(reader.caller, Action.SCHOOL_REPORTS_READ_STRANGERS))


_AS_STORED = (
    "protected", "school_unit", "kind", "event_date", "received_on", "first_told_on", "absence_from",
    "absence_percent", "reported_by", "channel", "times_told",
)  # fmt: skip


def _after(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    recorded_at, report_id = decode_cursor(cursor, 2)
    try:
        return cursor_instant(recorded_at), UUID(report_id)
    except ValueError:
        raise bad_cursor() from None
