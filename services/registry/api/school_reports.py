"""Reports of schools: handed in one by one or in batches, put right, withdrawn."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Response

from chassis.access import allow
from chassis.auth import Principal
from chassis.problems import Problem, responses
from contracts.access import Scope
from contracts.actions import Action
from services.registry import school_reports
from services.registry.api import school_report_models as models
from services.registry.api.parts import Parts, TheParts
from services.registry.api.report_reading import Faulty, Handing, TheHander, read, read_row, refused
from services.registry.domain.report_dedupe import CannotTake, Outcome
from services.registry.domain.school_reports import Fault
from services.registry.school_reports import Accepted, Submission

router = APIRouter(tags=["school reports"], responses=responses(401, 403, 422))
IdempotencyKey = Annotated[
    UUID | None, Header(description="The same request with the same key answers the same, and is no repeat")
]
Withdrawer = Annotated[Principal, Depends(allow(Action.SCHOOL_REPORTS_WITHDRAW))]
EXAMPLES = {
    "dropout": {"summary": "A school: a pupil left", "value": models.DROPOUT},
    "absence": {"summary": "A school: considerable invalid absence", "value": models.ABSENCE},
    "correction": {"summary": "The date was wrong", "value": models.CORRECTION},
    "mailbox": {"summary": "Staff: from the shared mailbox", "value": models.FROM_THE_MAILBOX},
}


@router.post(
    "/school-reports",
    status_code=201,
    responses={200: {"model": models.SchoolReportTaken, "description": "Told before"}, **responses(409, 503)},
)
async def hand_in(
    hander: TheHander,
    parts: TheParts,
    response: Response,
    report: Annotated[models.SchoolReportIn, Body(openapi_examples=EXAMPLES)],
    idempotency_key: IdempotencyKey = None,
) -> models.SchoolReportTaken:
    """Tell of a pupil who started or left, or is absent to a considerable extent (Skollagen 15 kap. 15 §).

    The same report again answers 200 with the id of the first, and is counted. 409: the same pupil, school,
    kind and date with other figures, or a correction of what has been corrected; `report_id` says of which.
    """
    now = parts.clock.now()
    try:
        submission = read(report, hander, now.date())
    except Faulty as error:
        raise refused(error.faults) from None
    (answer,) = await _record(parts, [submission], hander, now, idempotency_key)
    if isinstance(answer, CannotTake):
        raise _cannot_take(answer)
    if answer.outcome is Outcome.REPEAT:
        response.status_code = 200
    return _taken(answer, hander)


@router.post("/school-reports/batch", responses=responses(503))
async def hand_in_many(
    hander: TheHander,
    parts: TheParts,
    batch: Annotated[
        models.Batch,
        Body(openapi_examples={"two": {"value": {"reports": [models.DROPOUT, models.ABSENCE]}}}),
    ],
) -> models.BatchTaken:
    """Up to 500 reports. Each is taken, or refused with row number, field and reason; the rest goes on."""
    now = parts.clock.now()
    rows: dict[int, models.BatchRow] = {}
    good: dict[int, Submission] = {}
    for number, sent in enumerate(batch.reports, start=1):
        try:
            good[number] = read_row(sent, hander, now.date())
        except Faulty as error:
            rows[number] = models.BatchRow(row=number, faults=[_row_fault(one) for one in error.faults])
    answers = await _record(parts, list(good.values()), hander, now) if good else []
    for number, answer in zip(good, answers, strict=True):
        if isinstance(answer, CannotTake):
            fault = models.RowFault(field=answer.field, reason=answer.reason, report_id=answer.report_id)
            rows[number] = models.BatchRow(row=number, faults=[fault])
        else:
            rows[number] = models.BatchRow(row=number, taken=_taken(answer, hander))
    return _batch_taken([rows[number] for number in sorted(rows)])


@router.post("/school-reports/{report_id}/withdraw", status_code=204, responses=responses(404, 409))
async def withdraw(
    principal: Withdrawer,
    parts: TheParts,
    report_id: UUID,
    withdrawal: models.WithdrawalIn,
) -> None:
    """Let a report count for nothing: it was about somebody else, or not true. Safe to repeat; it is kept."""
    await school_reports.withdraw(
        parts.pool,
        report_id,
        withdrawal.why,
        by=principal.subject,
        role=principal.role,
        at=parts.clock.now(),
        units=principal.units if principal.scopes == {Scope.OWN_UNITS} else None,
    )


async def _record(
    parts: Parts, submissions: list[Submission], hander: Handing, now: datetime, key: UUID | None = None
) -> list[Accepted | CannotTake]:
    return await school_reports.record(
        parts.pool,
        submissions,
        hander.sender,
        now,
        waiting_days=parts.report_rules.waiting_days,
        request_key=key,
    )


def _taken(answer: Accepted, hander: Handing) -> models.SchoolReportTaken:
    return models.SchoolReportTaken(
        report_id=answer.report_id,
        outcome=answer.outcome,
        times_told=answer.times_told,
        matched=answer.matched if hander.told_of_match else None,
    )


def _batch_taken(rows: list[models.BatchRow]) -> models.BatchTaken:
    outcomes = [None if row.taken is None else row.taken.outcome for row in rows]
    return models.BatchTaken(
        recorded=outcomes.count(Outcome.RECORDED),
        repeated=outcomes.count(Outcome.REPEAT),
        corrected=outcomes.count(Outcome.CORRECTION),
        refused=outcomes.count(None),
        rows=rows,
    )


def _row_fault(fault: Fault) -> models.RowFault:
    return models.RowFault(field=fault.field, reason=fault.reason)


def _cannot_take(answer: CannotTake) -> Problem:
    if answer.report_id is None:
        return refused((Fault(answer.field, answer.reason),))
    detail = {
        "already_corrected": "Correct the report that came in its place.",
        "differs_from_first": "If these are the right figures, send them as a correction.",
    }[answer.reason]
    code = answer.reason.replace("_", "-")
    return Problem(409, code, "It contradicts what was told before", detail, report_id=str(answer.report_id))
