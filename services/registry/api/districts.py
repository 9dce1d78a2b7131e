"""Districts: dated reference data."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chassis.access import allow
from chassis.problems import responses
from contracts.actions import Action
from contracts.districts import DISTRICTS, districts_on
from services.registry.api.models import DistrictView

router = APIRouter(tags=["districts"], responses=responses(401, 422))


@router.get("/districts", dependencies=[Depends(allow(Action.DISTRICTS_READ))])
async def list_districts(
    on: Annotated[date | None, Query(description="The districts of a day; all that ever were without it")] = None,
) -> dict[str, list[DistrictView] | None]:
    """The city's districts. They merge: a figure about an earlier day needs the districts of that day."""
    found = DISTRICTS if on is None else districts_on(on)
    items = [DistrictView.model_validate(one, from_attributes=True) for one in found]
    return {"items": items, "next": None}
