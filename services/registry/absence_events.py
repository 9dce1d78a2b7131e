"""Telling that a school reported considerable invalid absence of somebody who is enrolled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import outbox
from chassis.outbox import OutgoingEvent
from chassis.postgres import Connection
from contracts.districts import district_on
from contracts.ids import business_id
from contracts.school_reports import SchoolReportKind, SchoolReportReceived
from services.registry.db import school_reports as db
from services.registry.domain.report_dedupe import Known
from services.registry.domain.school_reports import Pupil


@dataclass(frozen=True, slots=True)
class NewAbout:
    """A report that is new about a pupil, and the one that it puts right."""

    report: Known
    pupil: Pupil
    corrects: UUID | None = None


async def tell(conn: Connection, new: Sequence[NewAbout], at: datetime) -> None:
    """Write an event for each absence of an enrolled person, in the caller's transaction; once per report.

    Other kinds take effect through coverage, and absence of who is not enrolled is what the outreach is for.
    """
    absences = [one for one in new if one.report.told.kind is SchoolReportKind.INVALID_ABSENCE]
    if not absences:
        return
    rows = await conn.fetch(
        db.ENROLLED,
        [one.report.report_id for one in absences],
        [one.pupil.youth_id for one in absences],
        [one.report.told.event_date for one in absences],
    )
    enrolled = {row["report_id"] for row in rows}
    await outbox.put_many(conn, [_event(one, at) for one in absences if one.report.report_id in enrolled])


def _event(one: NewAbout, at: datetime) -> OutgoingEvent:
    report, pupil = one.report, one.pupil
    district = None if pupil.protected or pupil.district is None else district_on(pupil.district, at.date())
    data = SchoolReportReceived(
        youth_id=pupil.youth_id,
        episode_id=pupil.episode_id,
        report_id=report.report_id,
        corrects=one.corrects,
        kind=report.told.kind,
        event_date=report.told.event_date,
        received_on=report.received_on,
        protected=pupil.protected,
        district=district,
    )
    event_id = business_id("school-report", report.report_id)
    return OutgoingEvent(data.topic, data.youth_id, data.type, data, at, event_id)
