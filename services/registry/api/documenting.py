"""What the routes of documentation share: the shape of what is sent and answered."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.preconditions import etag

# No spaces: an id of the identity provider, in which no sentence fits. PostgreSQL's text cannot hold NUL.
StaffId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class In(BaseModel):
    """A body. A misspelt field is an error, and what was sent is never repeated."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def created(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses=`` of a PUT that may make something new."""
    return {201: {"model": model, "description": "Created"}}


def answer(response: Response, version: int, *, new: bool = False) -> None:
    """Say in the answer's head which version it is, and whether it is new."""
    response.headers["ETag"] = etag(version)
    if new:
        response.status_code = 201
