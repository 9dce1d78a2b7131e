"""Who the register's superuser is to the routes that are theirs alone."""

from typing import Annotated

from fastapi import Depends, Query

from chassis.auth import Principal, require
from contracts.roles import Role
from services.registry.api.parts import Reader
from services.registry.domain.visibility import Viewer


async def superuser(
    principal: Annotated[Principal, Depends(require(Role.REGISTER_SUPERUSER))],
    reason: Annotated[
        str | None,
        Query(
            min_length=5,
            max_length=200,
            description="Who is a special handler too: why a protected identity is opened. Recorded; nothing "
            "about the person.",
        ),
    ] = None,
) -> Reader:
    viewer = Viewer(principal.roles, principal.districts, reason)
    return Reader(principal.subject, Role.REGISTER_SUPERUSER, viewer)


TheSuperuser = Annotated[Reader, Depends(superuser)]
