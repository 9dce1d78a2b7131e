"""Puts the parts of an export together. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from chassis.subject_data import Row


class ExportReason(StrEnum):
    """Why an export is made. Ours; GDPR names the youth's right (art. 15) and the supervision (art. 58)."""

    YOUTH_ASKED = "youth_asked"
    GUARDIAN_ASKED = "guardian_asked"  # of a youth under 18
    SUPERVISION = "supervision"  # Integritetsskyddsmyndigheten asks


class Look(BaseModel):
    """Somebody read or wrote something about the youth. Says in which function, never who."""

    at: datetime
    service: str
    function: str = Field(description="Role code of contracts/roles.py")
    action: str
    subject: str | None = Field(description="Opaque id of what else it was done to")
    why: str | None


_EXAMPLE: JsonDict = {
    "youth_id": "6f6f2cbe-6f2b-4c4e-9d53-0f3d8d8a1c11",
    "other_ids": [],
    "made_at": "2026-11-25T10:00:00+01:00",
    "reason": "youth_asked",
    "services": {
        "registry": {"persons": [{"first_name": "Alva", "last_name": "Exempelsson"}]},
        "outreach": {"tasks": [{"kind": "call", "state": "completed"}]},
        "notifications": {"messages": [{"kind": "first_letter", "state": "sent"}]},
        "reporting": {"steps": [{"step": "search"}]},
    },
    "read_log": [
        {
            "at": "2026-11-24T09:12:00+01:00",
            "service": "registry",
            "function": "local_coordinator",
            "action": "youth.read",
            "subject": None,
            "why": None,
        }
    ],
}


class Export(BaseModel):
    """Everything that all services have about one person, and who has looked at it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    youth_id: UUID
    other_ids: list[UUID] = Field(description="Ids of persons who turned out to be this one")
    made_at: datetime
    reason: ExportReason
    services: dict[str, dict[str, list[Row]]] = Field(description="Rows by service and section (docs/export.md)")
    read_log: list[Look] = Field(description="Latest first")


def compose(
    ids: Sequence[UUID],
    made_at: datetime,
    reason: ExportReason,
    services: Mapping[str, Mapping[str, list[Row]]],
    *,
    minor: bool,
) -> Export:
    """Return the export of the person with these ids, the one who stands first.

    ``services`` holds each service's sections; their ``audit`` becomes the read log.
    """
    looks = [
        Look(
            service=service, function=row["role"], **{key: row[key] for key in ("at", "action", "subject", "why")}
        )
        for service, sections in services.items()
        for row in sections["audit"]
    ]
    kept = {
        service: {name: rows for name, rows in sections.items() if name != "audit"}
        for service, sections in services.items()
    }
    if not minor:
        kept["registry"] = _guardians_withheld(kept["registry"])
    return Export(
        youth_id=ids[0],
        other_ids=list(ids[1:]),
        made_at=made_at,
        reason=reason,
        services=kept,
        read_log=sorted(looks, key=lambda look: look.at, reverse=True),
    )


def _guardians_withheld(sections: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """Show that rows of guardians are kept, without the guardians' own data (GDPR art. 15.4).

    From the youth's 18th birthday on no answer holds these (docs/documentation.md).
    """
    withheld: dict[str, Any] = {"withheld": "guardian"}
    guardians = [_without(row, "first_name", "last_name") | withheld for row in sections["guardians"]]
    points = [
        row if row["guardian_id"] is None else _without(row, "value") | withheld
        for row in sections["contact_points"]
    ]
    return {**sections, "guardians": guardians, "contact_points": points}


def _without(row: Row, *keys: str) -> Row:
    return {key: value for key, value in row.items() if key not in keys}
