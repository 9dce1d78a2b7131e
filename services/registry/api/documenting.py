"""What the routes of documentation share: who the caller is, and the shape of what they send."""

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.auth import Principal, require
from chassis.preconditions import etag
from services.registry.documenting.access import WRITERS, Staff
from services.registry.domain.visibility import Viewer

# No spaces: an id of the identity provider, in which no sentence fits. PostgreSQL's text cannot hold NUL.
StaffId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]


class In(BaseModel):
    """A body. A misspelt field is an error, and what was sent is never repeated."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


async def staff(
    principal: Annotated[Principal, Depends(require(*WRITERS))],
    reason: Annotated[
        str | None,
        Query(
            min_length=5,
            max_length=200,
            description="Special handler: why a protected identity is opened. Recorded; nothing about the person.",
        ),
    ] = None,
) -> Staff:
    viewer = Viewer(principal.roles, principal.districts, reason)
    return Staff(principal.subject, principal.acting_as(*WRITERS), viewer)


TheStaff = Annotated[Staff, Depends(staff)]


def answer(response: Response, version: int, *, created: bool = False) -> None:
    """Set the ETag of what is answered, and 201 when it is new."""
    response.headers["ETag"] = etag(version)
    if created:
        response.status_code = 201
