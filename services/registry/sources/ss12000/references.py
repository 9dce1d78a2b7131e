"""What enrolments refer to: school units by organisation, programmes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.registry.sources import values
from services.registry.sources.ss12000.delivery import Reject
from services.registry.sources.values import BadValue

LONGEST_CHAIN = 8  # yrkesutgång -> programinriktning -> programme is three

_SCHOOL_UNIT = values.digits(8)


@dataclass(frozen=True, slots=True)
class Programme:
    type: str | None
    code: str | None
    parent: UUID | None


@dataclass(slots=True)
class References:
    """Filled page by page before any person is read; some hundred of each at a large school owner."""

    school_units: dict[UUID, str] = field(default_factory=dict)
    default_school_unit: str | None = None
    programmes: dict[UUID, Programme] = field(default_factory=dict)

    def school_unit(self, organisation: UUID | None) -> str | None:
        if organisation is None:
            return self.default_school_unit
        return self.school_units.get(organisation, self.default_school_unit)

    def programme(self, programme: UUID | None) -> Programme | None:
        """Return the programme that a reference leads to: an inriktning's or yrkesutgång's is its parent's parent.

        The code is the one nearest to the top, the type the topmost. A chain that leads round ends.
        """
        found = self.programmes.get(programme) if programme is not None else None
        if found is None:
            return None
        code, top = found.code, found
        for _ in range(LONGEST_CHAIN):
            above = self.programmes.get(top.parent) if top.parent is not None else None
            if above is None:
                break
            top, code = above, above.code or code
        return Programme(top.type, code, None)

    def add_organisations(self, page: Iterable[Any], first_row: int) -> list[Reject]:
        """Take in a page of /organisations. Those without a school unit code are owners and offices."""
        rejects = []
        for row, one in enumerate(page, first_row):
            entity_id = identifier(one)
            code = one.get("schoolUnitCode") if isinstance(one, Mapping) else None
            if entity_id is None:
                rejects.append(Reject("organisation", row, None, "id", "format", kept=False))
            elif code is not None and code != "":
                try:
                    self.school_units.setdefault(entity_id, _SCHOOL_UNIT(str(code).strip()))
                except BadValue as bad:
                    rejects.append(
                        Reject("organisation", row, entity_id, "schoolUnitCode", bad.reason, kept=False)
                    )
        return rejects

    def add_programmes(self, page: Iterable[Any], first_row: int) -> list[Reject]:
        """Take in a page of /programmes."""
        rejects = []
        for row, one in enumerate(page, first_row):
            entity_id = identifier(one)
            if entity_id is None:
                rejects.append(Reject("programme", row, None, "id", "format", kept=False))
                continue
            self.programmes[entity_id] = Programme(
                text(one.get("type")), text(one.get("code")), reference(one.get("parentProgramme"))
            )
        return rejects


def identifier(entity: Any) -> UUID | None:
    """Return an entity's id. What is no UUID may hold anything, a personnummer too: it is not taken in."""
    return as_uuid(entity.get("id")) if isinstance(entity, Mapping) else None


def reference(raw: Any) -> UUID | None:
    """Return the id in an ObjectReference; early versions of the standard have the bare id."""
    return identifier(raw) if isinstance(raw, Mapping) else as_uuid(raw)


def as_uuid(raw: Any) -> UUID | None:
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def text(raw: Any) -> str | None:
    """Return a short text without its surrounding space, or None when it is empty, too long or no text."""
    if not isinstance(raw, str):
        return None
    try:
        return values.text(raw.strip()) or None
    except BadValue:
        return None
