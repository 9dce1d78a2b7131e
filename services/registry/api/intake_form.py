"""The intake form: what staff read in the shared mailbox becomes a report. Swedish, WCAG 2.1 AA.

The same rules as the API's, by the same code. A person number is never in a URL: it is posted, and the
browser is then sent to a receipt. Sending the same form twice records once.
"""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from chassis.problems import Problem
from contracts.school_reports import SchoolReportKind
from services.registry import school_reports
from services.registry.api import intake_texts as texts
from services.registry.api.intake_login import PAGES, NotHere, Staff, can_log_out, staff
from services.registry.api.parts import Parts, TheParts
from services.registry.api.report_reading import Faulty, Handing, handing, read_row
from services.registry.domain.report_dedupe import CannotTake, Outcome
from services.registry.domain.school_reports import Fault
from services.registry.school_reports import Accepted

router = APIRouter(include_in_schema=False)
MOST_FIELDS = 20
Typed = Mapping[str, str]
TheStaff = Annotated[Staff, Depends(staff)]


@router.get("/intag")
async def show_form(request: Request, who: TheStaff, parts: TheParts) -> Response:
    """The empty form, or why it is not shown."""
    if isinstance(who, NotHere):
        return who.page()
    return _form(request, {"mottagen": parts.clock.today().isoformat()}, {})


@router.post("/intag")
async def take_form(request: Request, who: TheStaff, parts: TheParts) -> Response:
    """Record the report, or show the form again with what is wrong at each field."""
    if isinstance(who, NotHere):
        return who.page()
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        typed = {name: value.strip()[:100] for name, value in form.items() if isinstance(value, str)}
    hander = handing(who)
    answer = await _record(parts, typed, hander)
    if isinstance(answer, dict):
        return _form(request, typed, answer, 422)
    unknown = "&okand=1" if hander.told_of_match and not answer.matched else ""
    return RedirectResponse(f"/intag/klar/{answer.report_id}?utfall={answer.outcome}{unknown}", 303)


@router.get("/intag/klar/{report_id}")
async def show_receipt(
    who: TheStaff, report_id: UUID, utfall: Outcome = Outcome.RECORDED, okand: bool = False
) -> Response:
    """That it is saved, and its number; nothing about the pupil."""
    if isinstance(who, NotHere):
        return who.page()
    heading, words = texts.DONE[utfall]
    return PAGES.render("done.html", heading=heading, words=words, unmatched=okand, report_id=report_id)


def _form(request: Request, values: Typed, errors: Mapping[str, str], status: int = 200) -> Response:
    return PAGES.render(
        "intake.html",
        status,
        values=values,
        errors=errors,
        kinds=texts.KINDS,
        reporters=texts.REPORTERS,
        request_key=values.get("begaran") or uuid4(),
        can_log_out=can_log_out(request),
    )


async def _record(parts: Parts, typed: Typed, hander: Handing) -> Accepted | dict[str, str]:
    """Record what was typed; return the words for what is wrong by field of the form, in the page's order."""
    now = parts.clock.now()
    try:
        submission = read_row(_row(typed), hander, now.date())
    except Faulty as error:
        return _errors(_with_missing(error.faults, typed))
    key = _request_key(typed)
    while True:
        try:
            (answer,) = await school_reports.record(
                parts.pool,
                [submission],
                hander.sender,
                now,
                waiting_days=parts.report_rules.waiting_days,
                request_key=key,
            )
        except Problem as problem:
            if problem.code != "key-reused":
                raise
            key = uuid4()  # the browser's back button brought an old form: what it holds now is another report
            continue
        if isinstance(answer, CannotTake):
            return {texts.FORM_FIELDS[answer.field]: texts.words(answer.field, answer.reason, answer.report_id)}
        return answer


def _row(typed: Typed) -> dict[str, str]:
    """Return what was typed as a row of a batch; what was left empty is left out."""
    row = {field: typed.get(name, "") for field, name in texts.FORM_FIELDS.items()}
    for field in ("person_number", "school_unit", "absence_percent"):
        row[field] = row[field].replace(" ", "").removesuffix("%")
    # The day of the mail may not be guessed from an empty field: lateness is counted from it.
    return {field: value for field, value in row.items() if value or field == "received_on"}


def _with_missing(found: tuple[Fault, ...], typed: Typed) -> tuple[Fault, ...]:
    """Tell at once of empty absence fields too, which the rules look at when all else can be read."""
    if typed.get("handelse") != SchoolReportKind.INVALID_ABSENCE:
        return found
    empty = [field for field in ("absence_from", "absence_percent") if not typed.get(texts.FORM_FIELDS[field])]
    return (*found, *(Fault(field, "missing") for field in empty))


def _errors(found: tuple[Fault, ...]) -> dict[str, str]:
    first: dict[str, str] = {}
    for field, name in texts.FORM_FIELDS.items():
        for one in found:
            if one.field == field and name not in first:
                first[name] = texts.words(field, one.reason)
    return first


def _request_key(typed: Typed) -> UUID:
    try:
        return UUID(typed.get("begaran", ""))
    except ValueError:
        return uuid4()
