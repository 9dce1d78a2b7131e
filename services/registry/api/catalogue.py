"""The catalogue of measures per school year: read by staff, kept by the KAA coordinator."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, decode_cursor, encode_cursor
from chassis.preconditions import SeenVersion, etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.documentation import MeasureOwner, MeasureType
from contracts.event import ResultCode
from services.registry.api.documenting import In, answer
from services.registry.api.keeping import GOT, put_responses
from services.registry.api.parts import TheParts
from services.registry.db import catalogue as rows
from services.registry.documenting import catalogue
from services.registry.documenting.catalogue import Entry
from services.registry.domain import school_year
from services.registry.domain.measures import free_places

router = APIRouter(prefix="/catalogue", tags=["catalogue of measures"], responses=responses(401, 403, 422))
Keeper = Annotated[Principal, Depends(allow(Action.CATALOGUE_WRITE))]
CatalogueReader = Annotated[Principal, Depends(allow(Action.CATALOGUE_READ))]
SchoolYear = Annotated[
    str, AfterValidator(lambda written: str(school_year.parse(written))), Field(examples=["2026/27"])
]
EXAMPLE: JsonDict = {
    "school_year": "2026/27",
    "owner": "ubn",
    "type": "school_place",
    "sub_type": "slussplats",
    "name": "Slussplats",
    "places": 170,
}


class CatalogueEntry(In):
    """A measure that a school year (1 July to 30 June) offers."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    school_year: SchoolYear
    owner: MeasureOwner
    type: MeasureType
    sub_type: ResultCode | None = Field(
        default=None, description="The city's own code within the type; never left out for 'other'"
    )
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
    ]
    places: int | None = Field(default=None, ge=1, le=100_000, description="null: as many as wanted")

    @model_validator(mode="after")
    def other_is_explained(self) -> "CatalogueEntry":
        if self.type is MeasureType.OTHER and self.sub_type is None:
            raise ValueError("a measure of type 'other' needs a sub_type")
        return self


class CatalogueView(BaseModel):
    """An entry, and how its places are used now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "5f4a2f0e-3c1d-4f3e-9d51-0b8f7a0a1c11", **EXAMPLE, "kept": 163, "started": 160,
                    "waiting": 0, "free": 7, "etag": '"1"',
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    school_year: str
    owner: MeasureOwner
    type: MeasureType
    sub_type: str | None
    name: str
    places: int | None
    kept: int = Field(
        description="Places of those who have accepted, are offered one from the line, or have started"
    )
    started: int
    waiting: int
    free: int | None = Field(description="null: as many as wanted")
    etag: str = Field(description="For If-Match")


class Catalogue(BaseModel):
    items: list[CatalogueView]
    next: str | None = None


@router.put("/{catalogue_id}", responses=put_responses(CatalogueView))
async def put_entry(
    keeper: Keeper,
    parts: TheParts,
    catalogue_id: UUID,
    entry: CatalogueEntry,
    seen: SeenVersion,
    response: Response,
) -> CatalogueView:
    """Add a measure to a school year's catalogue, under an id of your choice; with If-Match change it.

    Of one that youths have been offered only the name and the number of places can be changed, and there are
    never fewer places than are kept. More places are offered at once to those who wait.
    """
    row, new = await catalogue.put(
        parts.pool, parts.clock, keeper, catalogue_id, Entry(**entry.model_dump()), seen
    )
    answer(response, row["version"], new=new)
    return _view(row)


@router.get("", responses=responses(400))
async def list_entries(
    _: CatalogueReader,
    parts: TheParts,
    year: Annotated[
        SchoolYear | None, Query(alias="school_year", description="2026/27; this school year when left out")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Catalogue:
    """The catalogue of a school year, and how the places are used."""
    written = year or str(school_year.school_year_of(parts.clock.today()))
    found = await parts.pool.fetch(rows.LIST, written, limit + 1, _after(cursor))
    shown = found[:limit]
    more = encode_cursor(shown[-1]["id"]) if len(found) > limit else None
    return Catalogue(items=[_view(row) for row in shown], next=more)


@router.get("/{catalogue_id}", responses=GOT | responses(404))
async def get_entry(_: CatalogueReader, parts: TheParts, catalogue_id: UUID, response: Response) -> CatalogueView:
    """One entry."""
    row = await parts.pool.fetchrow(rows.ONE, catalogue_id)
    if row is None:
        raise not_found("catalogue entry")
    answer(response, row["version"])
    return _view(row)


def _view(row: asyncpg.Record) -> CatalogueView:
    return CatalogueView.model_validate(
        {**row, "free": free_places(row["places"], row["kept"]), "etag": etag(row["version"])}
    )


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
