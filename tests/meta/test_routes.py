"""What each route is: an action that the decision table knows, or open to all, and why."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from chassis.access import Declared, OpenToAll
from chassis.auth import authenticate
from contracts.access import TABLE, Scope, decide
from contracts.actions import Action
from contracts.roles import Role
from deploy.local.processes import OwnProcess
from tests.meta.apps import APIS, build_app
from tests.meta.repository import ROOT

# Where the table is asked with the roles of a token: for routes, and for the command line.
ASK_THE_TABLE = {"chassis/access.py", "services/outreach/operations/acting.py"}
DOCS = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}  # FastAPI's own; they hold no data
# Open to all, beside /livez, /readyz and /metrics.
PUBLIC = {
    "registry-api": {"/intag/logga-in", "/intag/logga-ut"},
    "outreach-api": set[str](),
    "notifications-api": {"/svar", "/svar/{code}", "/answers", "/sandbox/inbound-sms"},
    "reporting-api": set[str](),
}
OPERATIONS = {"/livez", "/readyz", "/metrics"}
EVERY_API = pytest.mark.parametrize("process", APIS, ids=lambda process: process.name)


@pytest.fixture
def app(process: OwnProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    return build_app(process, tmp_path, monkeypatch)


def routes_of(app: FastAPI) -> list[RouteContext]:
    return [one for one in iter_route_contexts(app.routes) if one.endpoint and one.path not in DOCS]


def calls_of(dependant: Dependant) -> Iterator[object]:
    """Yield everything that a route depends on."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_of(inner)


def declared_by(route: RouteContext) -> set[str]:
    return {call.action for call in calls_of(route.dependant) if isinstance(call, Declared)}


@EVERY_API
def test_every_route_declares_one_action_or_that_it_is_open_to_all(app: FastAPI) -> None:
    for route in routes_of(app):
        said = [call for call in calls_of(route.dependant) if isinstance(call, Declared | OpenToAll)]
        assert len({repr(call) for call in said}) == 1, f"{route.methods} {route.path} declares {said}"


@EVERY_API
def test_only_these_routes_are_open_to_all_and_say_why(process: OwnProcess, app: FastAPI) -> None:
    found = {}
    for route in routes_of(app):
        calls = list(calls_of(route.dependant))
        for call in calls:
            if isinstance(call, OpenToAll):
                assert len(call.why) > 20
                assert authenticate not in calls
                found[route.path] = call.why
    assert set(found) == PUBLIC[process.name] | OPERATIONS


@EVERY_API
def test_every_declared_action_is_in_the_decision_table(app: FastAPI) -> None:
    for route in routes_of(app):
        assert declared_by(route) <= {action.value for action in Action}, route.path


def test_twilios_webhooks_say_who_may_call_them() -> None:
    """They exist with that provider only, and so in no app above."""
    from services.notifications.api import twilio

    assert [type(one.dependency) for one in twilio.router.dependencies] == [OpenToAll]


def test_every_action_is_used() -> None:
    """By a route, or by code that asks the table for it besides."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for folder in ("services", "workflows"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Action":
                    used[node.attr].add(file.name)
    assert [action.name for action in Action if action.name not in used] == []


def test_no_other_module_looks_at_roles() -> None:
    """`Role` is for the decision table; elsewhere it only names our own services in the audit."""
    for folder in ("services", "workflows", "chassis"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Role":
                    assert node.attr == "SERVICE", f"{file.relative_to(ROOT)}:{node.lineno}"
                if isinstance(node, ast.Attribute) and node.attr == "roles":
                    assert file.relative_to(ROOT).as_posix() in ASK_THE_TABLE, file


@pytest.mark.parametrize("role", Role)
def test_every_role_may_do_something(role: Role) -> None:
    assert [action for action, row in TABLE.items() if role in row] != []


@pytest.mark.parametrize("action", Action)
def test_every_action_is_somebodys(action: Action) -> None:
    assert TABLE[action] != {}


def test_what_is_not_in_the_table_is_denied() -> None:
    assert decide("youths.sell", list(Role)) == ()
    assert decide(Action.YOUTHS_READ, ["mayor"]) == ()
    assert decide(Action.YOUTHS_READ, []) == ()


PERSONS = {Scope.ALL, Scope.OWN_DISTRICTS, Scope.CONSENT, Scope.PROTECTED, Scope.SERVICE}


@pytest.mark.parametrize(
    "role", [Role.OPERATOR, Role.AUDITOR, Role.STATISTICIAN, Role.COMMUNICATIONS, Role.JURIST]
)
def test_who_has_nothing_to_do_with_youths_reaches_nobody(role: Role) -> None:
    assert {row[role] for row in TABLE.values() if role in row} <= {Scope.COUNTS, Scope.NO_PERSONS}


@pytest.mark.parametrize("role", [Role.SLUSSEN_COUNSELLOR, Role.SOCIAL_WORKER])
def test_other_boards_reach_youths_by_consent_alone(role: Role) -> None:
    assert {row[role] for row in TABLE.values() if role in row} & PERSONS == {Scope.CONSENT}


def test_only_the_special_handler_opens_a_protected_identity() -> None:
    assert {role for row in TABLE.values() for role, scope in row.items() if scope is Scope.PROTECTED} == {
        Role.SPECIAL_HANDLER
    }


def test_a_school_reads_nothing() -> None:
    mine = {action for action, row in TABLE.items() if row.get(Role.SCHOOL) in PERSONS | {Scope.OWN_UNITS}}
    assert mine == {Action.SCHOOL_REPORTS_HAND_IN, Action.SCHOOL_REPORTS_WITHDRAW}


def test_nobody_approves_the_gallring_that_they_may_propose() -> None:
    assert set(TABLE[Action.GALLRING_APPROVE]) == {Role.JURIST}
    assert set(TABLE[Action.GALLRING_PROPOSE]) & {Role.JURIST} == set()
