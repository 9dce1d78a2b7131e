"""What the API takes and gives about contact points and guardians."""

import re
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from services.registry.api.models import Name
from services.registry.domain.contact_points import ContactKind, ContactSource, Owner, Relation
from services.registry.sources import values

NameText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
]
_ACCOUNT = re.compile(r"[!-~¡-\uffff]{2,100}")  # one word


def _account(raw: str) -> str:
    if _ACCOUNT.fullmatch(values.text(raw)) is None:
        raise values.BadValue("account")
    return raw


_SPELLINGS = {
    ContactKind.PHONE: values.phone,
    ContactKind.EMAIL: values.email,
    ContactKind.ACCOUNT: _account,
}


_KEPT_PHONE: dict[str, JsonValue] = {
    "id": "5b3a0d3e-52f1-4b7c-9a55-1f0f7c0b9e11",
    "kind": "phone",
    "value": "+46701740610",
    "owner": "youth",
    "guardian_id": None,
    "source": "youth",
    "valid_from": "2026-09-20",
    "valid_until": None,
    "answered_at": "2026-09-21T10:15:00+02:00",
    "wrong_number_on": None,
    "read_only": False,
    "tried_first": True,
    "etag": '"2"',
}
_PHONE_OF_REGISTER: dict[str, JsonValue] = {
    "id": None,
    "kind": "phone",
    "value": "+46701740605",
    "owner": "youth",
    "source": "population_register",
    "read_only": True,
    "tried_first": False,
}


class _In(BaseModel):
    # Errors are told without the value (chassis.problems), which may be somebody's number.
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Valid(_In):
    valid_from: date
    valid_until: date | None = Field(default=None, description="The last day. This is how a row ends")

    @model_validator(mode="after")
    def in_order(self) -> "_Valid":
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self


class ContactPointIn(_Valid):
    """One way to reach the youth or a guardian. Marks on a number of the register: keep the same number here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "phone",
                    "value": "070-174 06 05",
                    "source": "youth",
                    "valid_from": "2026-09-20",
                    "answered_at": "2026-09-21T10:15:00+02:00",
                },
                {
                    "kind": "phone",
                    "value": "+46701740605",
                    "source": "population_register",
                    "valid_from": "2026-09-20",
                    "wrong_number_on": "2026-09-21",
                },
            ]
        }
    )

    kind: ContactKind
    value: str = Field(
        max_length=200, description="Phone numbers are Swedish without a country code; kept in E.164"
    )
    guardian_id: UUID | None = Field(default=None, description="null: the youth's own")
    source: ContactSource
    answered_at: AwareDatetime | None = Field(default=None, description="When somebody last answered there")
    wrong_number_on: date | None = Field(
        default=None, description="The day on which it proved to be somebody else's"
    )

    @model_validator(mode="after")
    def one_spelling(self) -> "ContactPointIn":
        """Keep each value in one spelling, so that the same number is found again."""
        try:
            self.value = _SPELLINGS[self.kind](self.value.strip())
        except values.BadValue:
            raise ValueError(f"value is not a right {self.kind}") from None
        return self


class ContactPoint(BaseModel):
    """Without an id: what the register has by its feeds, to be read only."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEPT_PHONE, _PHONE_OF_REGISTER]})

    id: UUID | None
    kind: ContactKind
    value: str
    owner: Owner
    guardian_id: UUID | None = None
    source: ContactSource
    valid_from: date | None = Field(default=None, description="null: the register does not say")
    valid_until: date | None = None
    answered_at: datetime | None = None
    wrong_number_on: date | None = None
    read_only: bool
    tried_first: bool = Field(description="The phone number that calls and SMS use today")
    etag: str | None = Field(default=None, description="For If-Match")


class ContactPoints(BaseModel):
    items: list[ContactPoint]
    next: None = None


class NameIn(_In):
    first: NameText
    last: NameText


class GuardianIn(_Valid):
    """Who speaks for a youth under 18."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": {"first": "Robin", "last": "Exempelsson"},
                    "relation": "parent",
                    "source": "population_register",
                    "valid_from": "2026-09-01",
                }
            ]
        }
    )

    name: NameIn
    relation: Relation
    source: ContactSource


class Guardian(BaseModel):
    id: UUID
    name: Name
    relation: Relation
    source: ContactSource
    valid_from: date
    valid_until: date | None
    contact_points: list[ContactPoint]
    etag: str = Field(description="For If-Match")


class Guardians(BaseModel):
    """``until`` is the youth's last day under 18: from the next day on the list is empty."""

    items: list[Guardian]
    next: None = None
    until: date
