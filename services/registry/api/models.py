"""What the registry's API takes and gives."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.messages import MessageKind, PrintPurpose
from contracts.reasons import EndReason, RegistrationReason, Sex, SpecialTrack
from contracts.registry_activities import Source, SourceReport
from services.registry.domain.criteria import Criterion
from services.registry.domain.facts import EvidenceSource
from services.registry.domain.looking_up import LookupReason


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Name(BaseModel):
    first: str
    last: str


class Address(BaseModel):
    care_of: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None


class YouthItem(BaseModel):
    """A youth in a list. Of a protected identity everything that tells of the person is null.

    To another board, by consent: name, birth date, district and whether the duty holds.
    """

    youth_id: UUID
    protected: bool
    covered: bool
    name: Name | None = None
    birth_date: date | None = None
    district: str | None = None
    registered_on: date | None = None
    reason: RegistrationReason | None = None
    tracks: tuple[SpecialTrack, ...] = ()
    last_covered_day: date | None = None
    ended_on: date | None = None
    end_reason: EndReason | None = None


class Youths(BaseModel):
    items: list[YouthItem]
    next: str | None = None


class Episode(BaseModel):
    """A time during which the duty holds (or held): ``ended_on`` is the first day on which it does not."""

    episode_id: UUID
    registered_on: date
    reason: RegistrationReason | None
    tracks: tuple[SpecialTrack, ...]
    last_covered_day: date | None
    ended_on: date | None
    end_reason: EndReason | None


class Youth(BaseModel):
    """One person. Of a protected identity everything that tells of the person is null.

    To another board, by consent: name, birth date, district and whether the duty holds.
    """

    youth_id: UUID
    protected: bool
    covered: bool
    name: Name | None = None
    person_number: str | None = Field(default=None, description="City-wide roles and the special handler only")
    birth_date: date | None = None
    sex: Sex | None = None
    address: Address | None = None
    phone: str | None = Field(default=None, description="E.164")
    email: str | None = None
    district: str | None = None
    municipality: str | None = None
    episodes: list[Episode] = []


class Lookup(_In):
    """In the body, never in a URL: URLs end in logs. Recorded with its reason, whether it finds anybody or not."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person_number": "20080301-0006", "reason": "youth_in_touch"}]}
    )

    person_number: str = Field(max_length=13, description="12 digits, a hyphen allowed")
    reason: LookupReason


class Lift(_In):
    reason: str = Field(min_length=5, max_length=200, description="Recorded; nothing about the person")


class EvidenceView(BaseModel):
    source: EvidenceSource | None = Field(description="null: the law and the birth date alone say so")
    file_date: date | None = Field(description="The day that the file speaks for which brought it")
    known_from: datetime | None = Field(description="When the register learned it")
    since: date | None = Field(description="From when the answer holds, as far as the sources tell")


class CriterionView(BaseModel):
    criterion: Criterion
    met: bool
    explanation: str | None = Field(description="A code; null when masked")
    citation: str
    evidence: EvidenceView | None = Field(description="null when masked")


class CoverageView(BaseModel):
    youth_id: UUID
    on: date
    known_on: date = Field(description="By what was known at the end of this day (today: at present)")
    known_since: datetime | None = Field(
        description="Since when the register has known, without a break, that the duty holds on that day"
    )
    act: str = Field(description="The wording of Skollagen 29 kap. 9 § in force on that day")
    covered: bool
    criteria: list[CriterionView]


class RecipientsAsked(_In):
    youth_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    purpose: MessageKind | PrintPurpose


class RecipientAddress(BaseModel):
    care_of: str | None
    street: str
    postal_code: str
    city: str


class Recipient(BaseModel):
    """Of a youth who is protected, not covered or on hold: nothing but that."""

    youth_id: UUID
    covered: bool
    protected: bool
    on_hold: bool = Field(description="A party has asked, with consent, that outreach waits (avvakta)")
    name: str | None = None
    address: RecipientAddress | None = Field(default=None, description="null when post cannot arrive")
    phone: str | None = Field(default=None, description="E.164")
    birth_year: int


class Recipients(BaseModel):
    items: list[Recipient]


class SyncAsked(_In):
    as_of: date | None = Field(default=None, description="Civil date to decide for; today when null")
    accept_shrunk: tuple[Source, ...] = Field(
        default=(), description="Sources whose loss of rows you have looked at and found right"
    )


class SyncStarted(BaseModel):
    run_id: UUID


class SourceView(SourceReport):
    file_name: str | None
    file_date: date | None
    encoding: str | None


class SyncRunView(BaseModel):
    run_id: UUID
    as_of: date
    state: str = Field(description="requested, running, done, abandoned")
    requested_by: str
    started_at: datetime
    finished_at: datetime | None
    sources: list[SourceView] = Field(description="What has been read so far; `held` says why it does not count")
    registered: int = 0
    changed: int = 0
    ended: int = 0
    covered: int = 0
    ends_held: int = 0
    registrations_held: int = 0
    conflicts: int = 0


class SyncRuns(BaseModel):
    items: list[SyncRunView]
    next: str | None = None


class RejectView(BaseModel):
    """What was wrong, never the value. ``row`` is the line of the file; ``field`` null: the whole row."""

    source: Source
    row: int
    field: str | None
    reason: str
    kept: bool = Field(description="The row went on without the value")


class Rejects(BaseModel):
    items: list[RejectView]
    next: str | None = None


class DistrictView(BaseModel):
    code: str
    name: str
    valid_from: date | None
    valid_until: date | None
    merged_into: str | None
