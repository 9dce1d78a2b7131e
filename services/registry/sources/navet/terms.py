"""What the term codes mean: versioned data (terms.json), not code, since part of it is assumed.

Each line of the data says what it rests on. A municipality that has Skatteverket's technical description
changes the data, not the reader.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.registry.domain.facts import Status

DATA = Path(__file__).with_name("terms.json")

TermCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class Basis(StrEnum):
    """What our reading of a code rests on."""

    DOCUMENTED = "documented"  # Skatteverket's own text, or given by a municipality
    USED = "used"  # published code of other systems that read these files
    ASSUMED = "assumed"


class TermField(StrEnum):
    """The terms that the registry reads."""

    PERSON_NUMBER = "person_number"
    ASSIGNED_NUMBER = "assigned_number"
    OTHER_NUMBER = "other_number"  # hänvisningsnummer
    MARKED = "marked"  # sekretessmarkering
    PROTECTED_REGISTRATION = "protected_registration"  # skyddad folkbokföring
    DEREGISTERED = "deregistered"
    DEREGISTERED_ON = "deregistered_on"
    TOTAL = "total"
    GIVEN_NAME_MARK = "given_name_mark"  # tilltalsnamnsmarkering
    FIRST_NAMES = "first_names"
    LAST_NAME = "last_name"
    REGISTERED_ON = "registered_on"  # folkbokföringsdatum
    COUNTY = "county"
    MUNICIPALITY = "municipality"
    CARE_OF = "care_of"
    LINE_1 = "line_1"
    LINE_2 = "line_2"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    SPECIAL_CARE_OF = "special_care_of"
    SPECIAL_LINE_1 = "special_line_1"
    SPECIAL_LINE_2 = "special_line_2"
    SPECIAL_POSTAL_CODE = "special_postal_code"
    SPECIAL_CITY = "special_city"
    IMMIGRATED_ON = "immigrated_on"


class Deregistration(StrEnum):
    """What a reason of deregistration means to the duty."""

    DEAD = "dead"
    EMIGRATED = "emigrated"
    MOVED_OUT = "moved_out"
    OLD_NUMBER = "old_number"  # the person goes on under another number
    BY_HAND = "by_hand"  # a person must look: the post is rejected

    @property
    def status(self) -> Status | None:
        return None if self in (Deregistration.OLD_NUMBER, Deregistration.BY_HAND) else Status(self.value)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Data):
    name: str
    basis: Basis
    field: TermField | None = None
    note: str = ""


class Meaning(_Data):
    name: str
    means: Deregistration
    basis: Basis
    note: str = ""


class Value(_Data):
    value: str
    basis: Basis
    note: str = ""


class Values(_Data):
    values: tuple[str, ...]
    basis: Basis
    note: str = ""


class Sections(_Data):
    prefixes: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")], ...]
    basis: Basis
    note: str = ""


class Terms(_Data):
    """One version of the codes. ``version`` is kept with every file that was read by it."""

    version: str = Field(min_length=1)
    about: str
    emptied: Value
    yes: Values
    no: Values
    terms: Mapping[TermCode, Term]
    other_sections: Sections
    deregistration: Mapping[str, Meaning]

    @model_validator(mode="after")
    def _each_field_once(self) -> "Terms":
        fields = [term.field for term in self.terms.values() if term.field is not None]
        missing = set(TermField) - set(fields)
        if missing or len(fields) != len(set(fields)):
            raise ValueError(f"each field must have one term code; none: {sorted(missing)}")
        return self

    def fields(self) -> dict[bytes, tuple[TermField, str]]:
        """Return the field and code of each term that is read, by the code as it stands in a file."""
        return {code.encode(): (term.field, code) for code, term in self.terms.items() if term.field is not None}

    def knows(self, code: str) -> bool:
        """Whether a code is one that we have heard of, read or not."""
        return code in self.terms or code.startswith(self.other_sections.prefixes)


def parse(data: Mapping[str, Any]) -> Terms:
    """Return the codes of a document in the form of terms.json. Raises ValueError."""
    return Terms.model_validate(data)


def load(path: Path) -> Terms:
    """Read the codes from a file. Raises ValueError when it does not hold them, OSError."""
    return Terms.model_validate_json(path.read_bytes())


@cache
def default() -> Terms:
    """Return the codes that come with the registry."""
    return load(DATA)
