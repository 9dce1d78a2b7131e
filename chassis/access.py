"""What a route is: an action that the app's table allows to some, or open to all. One of the two is declared.

The chassis knows neither roles nor actions: an app is made with its table (`create_app(access=...)`), and
what the table does not grant is refused.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request

from chassis.auth import Grant, Principal, authenticate
from chassis.problems import Problem

Table: TypeAlias = Callable[[str, Collection[str]], tuple[Grant, ...]]  # of an action and the roles of a caller


def nobody(_: str, __: Collection[str]) -> tuple[Grant, ...]:
    """The table of an app that was given none."""
    return ()


@dataclass(frozen=True, slots=True)
class Declared:
    """A dependency by which a route says which action it is (a meta-test finds routes that do not)."""

    action: str

    def granted(self, request: Request, caller: Principal) -> Principal:
        """Return the caller with what the app's table grants for the action: maybe nothing."""
        table: Table = request.app.state.access
        return replace(caller, grants=table(self.action, caller.roles))


@dataclass(frozen=True, slots=True)
class Allow(Declared):
    """Gives the caller, with what is granted. 401 without a token, 403 without a grant."""

    async def __call__(self, request: Request, caller: Annotated[Principal, Depends(authenticate)]) -> Principal:
        granted = self.granted(request, caller)
        if not granted.grants:
            raise Problem(
                403, "forbidden", "Your role may not do this", "docs/access.md says who may.", action=self.action
            )
        return granted


@dataclass(frozen=True, slots=True)
class OpenToAll:
    """A route that asks nobody for a token, and why that is right."""

    why: str

    async def __call__(self) -> None:
        return None


def allow(action: str) -> Allow:
    """Return a dependency for `Depends`: the caller when they may do ``action``."""
    return Allow(str(action))


def public(why: str) -> Any:
    """Return a dependency for ``dependencies=[...]`` of a route or router that is open to all."""
    return Depends(OpenToAll(why))
