"""From what was sent (JSON or the form) to a report that is right in itself, or what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends
from pydantic import ValidationError

from chassis.access import allow
from chassis.auth import Principal
from chassis.problems import Problem
from contracts.access import Scope
from contracts.actions import Action
from services.registry.api.school_report_models import SchoolReportIn
from services.registry.domain.person_number import InvalidNumber, parse
from services.registry.domain.school_reports import Channel, Fault, Told, faults
from services.registry.school_reports import Sender, Submission


class Faulty(Exception):
    """A report that is not right. Holds field names and codes only."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(", ".join(f"{one.field}: {one.reason}" for one in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Handing:
    """Who hands reports in. ``units`` limits a school to its own; None for staff."""

    sender: Sender
    units: frozenset[str] | None
    told_of_match: bool  # may know whether the register has a person


def handing(principal: Principal) -> Handing:
    """Return how a caller who may hand in does it. Who is staff too is not limited to a school."""
    if principal.scopes == {Scope.OWN_UNITS}:
        return Handing(
            Sender(principal.subject, principal.role, Channel.API), principal.units, told_of_match=False
        )
    sender = Sender(principal.subject, principal.role, Channel.MAILBOX)
    return Handing(sender, None, told_of_match=Scope.ALL in principal.scopes)


async def _hander(principal: Annotated[Principal, Depends(allow(Action.SCHOOL_REPORTS_HAND_IN))]) -> Handing:
    return handing(principal)


TheHander = Annotated[Handing, Depends(_hander)]


def read_row(row: Mapping[str, Any], hander: Handing, today: date) -> Submission:
    """Return the report in a row of a batch. Raises Faulty."""
    try:
        report = SchoolReportIn.model_validate(row)
    except ValidationError as error:
        found = [Fault(_field(item["loc"]), item["type"]) for item in error.errors()]
        number = row.get("person_number")
        if isinstance(number, str) and all(one.field != "person_number" for one in found):
            found += _faults_of_number(number)  # said at once, not after the rest has been mended
        raise Faulty(tuple(found)) from None
    return read(report, hander, today)


def _faults_of_number(typed: str) -> list[Fault]:
    try:
        parse(typed)
    except InvalidNumber as error:
        return [Fault("person_number", error.reason)]
    return []


def read(report: SchoolReportIn, hander: Handing, today: date) -> Submission:
    """Return the report of a request. ``today`` is civil. Raises Faulty."""
    found: list[Fault] = []
    if hander.units is not None and report.school_unit not in hander.units:
        found.append(Fault("school_unit", "not_your_school"))
    if hander.units is not None and report.received_on is not None:
        found.append(Fault("received_on", "for_staff_only"))
    told = Told(report.school_unit, report.kind, report.event_date, report.absence_from, report.absence_percent)
    received_on = report.received_on or today
    try:
        number = parse(report.person_number)
    except InvalidNumber as error:
        raise Faulty((Fault("person_number", error.reason), *found)) from None
    found += faults(told, number.birth_date, received_on, today)
    if found:
        raise Faulty(tuple(found))
    return Submission(number, told, report.reported_by, received_on, report.corrects)


def refused(found: tuple[Fault, ...], where: str = "body") -> Problem:
    """Return the refusal of a request with these faults."""
    if any(one.reason == "not_your_school" for one in found):
        return Problem(403, "not-your-school", "The report is of another school than yours")
    errors = [{"field": f"{where}.{one.field}", "reason": one.reason} for one in found]
    return Problem(422, "invalid-request", "The request is not valid", errors=errors)


def _field(loc: tuple[int | str, ...]) -> str:
    """Return the name of one of our fields; any other name was sent by the caller and is not repeated."""
    name = str(loc[0]) if loc else ""
    return name if name in SchoolReportIn.model_fields else "unknown_field"
