"""What the routes of the policy answer."""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chassis.preconditions import etag
from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from services.outreach.api.models import CivilTime, View
from services.outreach.policy_preview import Preview, total
from services.outreach.policy_versions import PolicyVersion
from services.outreach.settings import POLICIES

# The document of the plan as the repository has it: an example that is always valid.
DOCUMENT: dict[str, Any] = OutreachPolicy.model_validate_json(
    (POLICIES / "stockholm.json").read_text("utf-8")
).model_dump(mode="json")
VERSION_EXAMPLE: dict[str, Any] = {
    "version": "stockholm-2027.1",
    "state": "planned",
    "effective_from": "2027-01-07",
    "source": "decision",
    "decided_by": "anna",
    "decided_at": "2026-11-25T14:05:00+01:00",
    "withdrawn_by": None,
    "withdrawn_at": None,
    "etag": '"1"',
}
PROPOSAL_EXAMPLE: dict[str, Any] = {
    "document": {**DOCUMENT, "version": "stockholm-2027.1", "answer_window": "P10D"},
    "effective_from": "2027-01-07",
}
PREVIEW_EXAMPLE: dict[str, Any] = {
    "version": "stockholm-2027.1",
    "effective_from": "2027-01-07",
    "compared_with": "stockholm-2026.1",
    "summary": [
        '1 sak ändras från 7 januari 2027, jämfört med "stockholm-2026.1".',
        "412 ungdomar behåller den policy som de har.",
        "31 ungdomar väntar på en start som infaller då eller senare, och börjar enligt den nya.",
        "Alla som registreras från 7 januari 2027 börjar enligt den nya.",
    ],
    "changes": [
        {
            "field": "answer_window",
            "name": "Svarstid efter första brevet och sms:et",
            "before": "14 dagar",
            "after": "10 dagar",
            "sentence": "Svarstid efter första brevet och sms:et: 10 dagar i stället för 14 dagar.",
        }
    ],
    "keep": {"youths": 412, "by": [{"district": "farsta", "step": "calling", "youths": 412}]},
    "start_under_new": {"youths": 31, "by": [{"district": "farsta", "step": "awaiting_start", "youths": 31}]},
    "dates": [
        {
            "field": "answer_window",
            "name": "Svarstid efter första brevet och sms:et",
            "before": "2027-01-21",
            "after": "2027-01-17",
            "sentence": "Svarstid efter första brevet och sms:et: räknat från 7 januari 2027 blir det "
            "17 januari 2027 i stället för 21 januari 2027.",
        }
    ],
}


class PolicyState(StrEnum):
    PLANNED = "planned"  # takes effect on a coming day
    IN_FORCE = "in_force"
    PAST = "past"
    WITHDRAWN = "withdrawn"  # never took effect


class PolicySummary(View):
    """A version of the policy, without its document."""

    model_config = ConfigDict(json_schema_extra={"examples": [VERSION_EXAMPLE]})

    version: str
    state: PolicyState
    effective_from: date = Field(description="Civil date; who starts from then on starts with it")
    source: str = Field(description="decision: by a coordinator; file: came with the installation")
    decided_by: str = Field(description="Staff id, or the service")
    decided_at: CivilTime
    withdrawn_by: str | None
    withdrawn_at: CivilTime | None
    etag: str = Field(description="For If-Match")


class PolicyDetail(PolicySummary):
    model_config = ConfigDict(json_schema_extra={"examples": [{**VERSION_EXAMPLE, "document": DOCUMENT}]})

    document: OutreachPolicy


class PolicyVersions(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [VERSION_EXAMPLE], "next": None}]})

    items: list[PolicySummary]
    next: str | None = Field(description="Cursor of the next page; null on the last")


class ChangedField(View):
    field: str
    name: str = Field(description="In Swedish")
    before: str
    after: str
    sentence: str


class DateThatMoves(View):
    field: str
    name: str
    before: date
    after: date
    sentence: str


class Youths(View):
    district: str | None = Field(description="null: not known")
    step: Step
    youths: int


class Counted(View):
    youths: int
    by: list[Youths]


class PolicyPreview(BaseModel):
    """What a proposal would change for whom. Counts, no youths; protected identities are not counted."""

    model_config = ConfigDict(json_schema_extra={"examples": [PREVIEW_EXAMPLE]})

    version: str
    effective_from: date
    compared_with: str = Field(description="The version that would hold on that date without it")
    summary: list[str] = Field(description="The whole in a few Swedish sentences")
    changes: list[ChangedField]
    keep: Counted = Field(description="Open youths who keep the policy that they have")
    start_under_new: Counted = Field(description="Waiting youths whose start is due on that date or later")
    dates: list[DateThatMoves] = Field(description="Counted from the effective date")


def summary_of(version: PolicyVersion, today: date, in_force: str) -> PolicySummary:
    return PolicySummary.model_validate(_fields(version, today, in_force))


def detail_of(version: PolicyVersion, today: date, in_force: str) -> PolicyDetail:
    return PolicyDetail.model_validate({**_fields(version, today, in_force), "document": version.policy})


def preview_of(proposal_version: str, effective_from: date, found: Preview) -> PolicyPreview:
    return PolicyPreview(
        version=proposal_version,
        effective_from=effective_from,
        compared_with=found.compared_with.version,
        summary=list(found.summary),
        changes=[ChangedField.model_validate(one) for one in found.changes],
        keep=Counted(youths=total(found.keep), by=[Youths.model_validate(one) for one in found.keep]),
        start_under_new=Counted(youths=total(found.take), by=[Youths.model_validate(one) for one in found.take]),
        dates=[DateThatMoves.model_validate(one) for one in found.dates],
    )


def _fields(version: PolicyVersion, today: date, in_force: str) -> dict[str, Any]:
    return {
        **{name: getattr(version, name) for name in PolicySummary.model_fields if hasattr(version, name)},
        "state": _state(version, today, in_force),
        "etag": etag(version.edition),
    }


def _state(version: PolicyVersion, today: date, in_force: str) -> PolicyState:
    if version.withdrawn_at is not None:
        return PolicyState.WITHDRAWN
    if version.effective_from > today:
        return PolicyState.PLANNED
    return PolicyState.IN_FORCE if version.version == in_force else PolicyState.PAST
