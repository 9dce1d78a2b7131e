"""The workflow `RegisterSync` and the activities that the registry offers to it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.base import Contract

REGISTRY_QUEUE = "registry"
REGISTER_SYNC = "RegisterSync"
OPEN_SYNC_RUN = "open_sync_run"
LOAD_SOURCE = "load_source"
APPLY_SYNC = "apply_sync"
REGISTER_SYNC_SCHEDULE = "register-sync-weekdays-0400"


class Source(StrEnum):
    """The file-drop sources; docs/sources/files.md documents their layouts."""

    POPULATION = "population"  # population register (KIR extract)
    PLACEMENTS = "placements"  # county-wide placements (UEDB)
    SCHOOLS = "schools"  # own schools' enrolments
    EXAMS = "exams"  # exams and certificates


class SyncRequest(Contract):
    """Starts `RegisterSync`. ``as_of`` is the civil date to decide for; today when not given."""

    run_id: UUID | None = None
    as_of: date | None = None
    requested_by: str = "schedule"
    accept_shrunk: tuple[Source, ...] = Field(
        default=(), description="Sources whose loss of rows a person has looked at and found right"
    )


class SyncRun(Contract):
    run_id: UUID
    as_of: date


class LoadSource(Contract):
    run_id: UUID
    source: Source


class SourceReport(Contract):
    """What one source gave. ``held`` says why the source was not used, and then it changes nothing."""

    source: Source
    read: int = 0
    rejected: int = 0
    accepted: int = 0
    held: str | None = None


class SyncReport(Contract):
    run_id: UUID
    as_of: date
    sources: tuple[SourceReport, ...] = ()
    registered: int = 0
    changed: int = 0
    ended: int = 0
    covered: int = Field(default=0, description="Covered youths after the run")
    ends_held: int = Field(default=0, description="Ends not carried out because a source was held")
    registrations_held: int = Field(
        default=0, description="Registrations not carried out because a source was held"
    )
    conflicts: int = Field(default=0, description="Conflicts between sources that are open after the run")
    finished_at: datetime | None = None
