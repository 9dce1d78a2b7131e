"""Each role at each action, made from the decision table: who may gets through, everybody else gets nothing."""

import re
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from contracts.access import TABLE
from contracts.actions import Action
from contracts.roles import Role
from tests.integration.access.conftest import Route

pytestmark = pytest.mark.stack
Token = Callable[..., str]

# Asked for by code of a route that has an action of its own, or on the command line; tested there.
BESIDE = {
    Action.PERSON_NUMBERS_READ,
    Action.PROTECTION_OPEN,
    Action.SCHOOL_REPORTS_READ_STRANGERS,
    Action.RUNS_REDRIVE,
    Action.RUNS_HOLD,
}
OF_ROUTES = [action for action in Action if action not in BESIDE]
WHO, SOME = "anna", str(uuid4())
A_PAGE = "/intag"  # refuses with a page, in Swedish


async def ask(route: Route, token: str | None) -> httpx.Response:
    """Ask without a body: what would be done wants one, and so nothing is done (the intake apart)."""
    path = route.path.replace("{staff_id}", WHO)  # who may see themselves alone is asked about themselves
    headers = {} if token is None else {"Authorization": f"Bearer {token}", "Idempotency-Key": "some-key-1"}
    return await route.client.request(route.method, re.sub(r"{\w+}", SOME, path), headers=headers)


def of(routes: list[Route], action: Action) -> list[Route]:
    return [route for route in routes if route.action == action]


def test_every_action_but_these_has_a_route(routes: list[Route]) -> None:
    assert {action for action in Action if not of(routes, action)} == BESIDE


@pytest.mark.parametrize("action", OF_ROUTES)
@pytest.mark.parametrize("role", Role)
async def test_who_may_gets_through_and_nobody_else(
    routes: list[Route], token: Token, role: Role, action: Action
) -> None:
    for route in of(routes, action):
        answer = await ask(route, token(role, subject=WHO))
        said = f"{route.method} {route.path}: {answer.status_code} {answer.text}"
        if role in TABLE[action]:
            # What is asked for is not there (404), or the request is not whole (400, 422, 428).
            assert answer.status_code in {200, 202, 400, 404, 422, 428, 503}, said
        else:
            assert_refused(route, answer)


def assert_refused(route: Route, answer: httpx.Response) -> None:
    """Assert that the answer says no, and nothing else."""
    assert answer.status_code == 403, f"{route.method} {route.path}: {answer.status_code}"
    if route.path.startswith(A_PAGE):
        assert "Du har inte behörighet" in answer.text
        assert SOME not in answer.text
        return
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:uppsok:problem:forbidden",
        "title": "Your role may not do this",
        "status": 403,
        "detail": "docs/access.md says who may.",
        "action": route.action,
    }


@pytest.mark.parametrize("role", ["", "mayor", "LOCAL_COORDINATOR"])
async def test_a_role_that_we_do_not_know_may_do_nothing(routes: list[Route], token: Token, role: str) -> None:
    for route in routes:
        if route.action is not None:
            assert_refused(route, await ask(route, token(role, subject=WHO)))


async def test_without_a_token_there_is_nothing_but_what_is_open_to_all(routes: list[Route]) -> None:
    for route in routes:
        if route.action is not None:
            answer = await ask(route, None)
            assert answer.status_code == 401, f"{route.method} {route.path}"
            assert answer.headers["www-authenticate"] == "Bearer"
