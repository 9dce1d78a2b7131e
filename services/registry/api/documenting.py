"""What the routes of documentation share: who may write, and the shape of what they send."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.auth import Principal, require
from chassis.preconditions import etag
from contracts.roles import Role
from services.registry.api.parts import Reader
from services.registry.domain.visibility import Viewer

# The register's superusers keep the register; documentation is written by those who meet the youth.
WRITERS = (Role.KAA_COORDINATOR, Role.LOCAL_COORDINATOR, Role.SPECIAL_HANDLER)

# No spaces: an id of the identity provider, in which no sentence fits. PostgreSQL's text cannot hold NUL.
StaffId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class In(BaseModel):
    """A body. A misspelt field is an error, and what was sent is never repeated."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


async def writer(
    principal: Annotated[Principal, Depends(require(*WRITERS))],
    reason: Annotated[
        str | None,
        Query(
            min_length=5,
            max_length=200,
            description="Special handler: why a protected identity is opened. Recorded; nothing about the person.",
        ),
    ] = None,
) -> Reader:
    viewer = Viewer(principal.roles, principal.districts, reason)
    return Reader(principal.subject, principal.acting_as(*WRITERS), viewer)


TheWriter = Annotated[Reader, Depends(writer)]


def created(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses=`` of a PUT that may make something new."""
    return {201: {"model": model, "description": "Created"}}


def answer(response: Response, version: int, *, new: bool = False) -> None:
    """Say in the answer's head which version it is, and whether it is new."""
    response.headers["ETag"] = etag(version)
    if new:
        response.status_code = 201
