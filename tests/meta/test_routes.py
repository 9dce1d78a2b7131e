"""Who may call what: every route asks for a token, except those listed here with their reason."""

from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from chassis.auth import authenticate
from deploy.local.processes import OwnProcess
from tests.meta.apps import APIS, build_app

OPERATIONS = {"/livez", "/readyz", "/metrics"}  # for the platform; hold nothing about anybody
DOCS = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
PUBLIC = {
    "registry-api": OPERATIONS
    | {
        "/intag",  # the form of the shared mailbox asks for the token itself: a refusal is a page, in Swedish
        "/intag/klar/{report_id}",
        "/intag/logga-in",  # exists in the environments local and test only
        "/intag/logga-ut",
    },
    "outreach-api": OPERATIONS,
    "notifications-api": OPERATIONS
    | {
        "/svar",  # the youth's answer page
        "/svar/{code}",
        "/answers",
        "/webhooks/twilio/status",  # signed by Twilio
        "/webhooks/twilio/inbound",
        "/sandbox/inbound-sms",  # exists with the sandbox provider only
    },
    "reporting-api": OPERATIONS,
}


def asks_for_token(dependant: Dependant) -> bool:
    return dependant.call is authenticate or any(asks_for_token(inner) for inner in dependant.dependencies)


@pytest.mark.parametrize("process", APIS, ids=lambda process: process.name)
def test_every_route_asks_for_a_token(
    process: OwnProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build_app(process, tmp_path, monkeypatch)
    all_routes = [found for found in iter_route_contexts(app.routes) if found.endpoint and found.path not in DOCS]
    assert {route.path for route in all_routes} >= OPERATIONS
    open_to_all = {route.path for route in all_routes if not asks_for_token(route.dependant)}
    assert open_to_all == PUBLIC[process.name] & {route.path for route in all_routes}
