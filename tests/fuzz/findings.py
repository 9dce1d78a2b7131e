"""What an answer may not be: broken, undocumented, or about somebody whom the role may not see."""

import json
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from typing import Any

import httpx
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.access import TABLE, Scope
from contracts.actions import Action
from contracts.roles import Role
from tests.fuzz.requests import Case
from tests.fuzz.rows import FAR, LIVES, NEAR, PROTECTED
from tests.integration.gallring.filling import Youth

CONFORM = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def findings(case: Case, answer: httpx.Response, action: Action | None, role: Role | None) -> Iterator[str]:
    """Yield what is wrong with an answer that a role was given, in a line each."""
    yield from _not_as_described(case, answer)
    if action is None:
        return
    if role is None:
        if answer.status_code != 401:
            yield f"{answer.status_code} without a token"
        return
    scope = TABLE[action].get(role)
    # What is no JSON is refused before it is asked who sends it.
    refused = {403} if _can_be_read(answer.request) else {403, 422}
    if scope is None and answer.status_code not in refused:
        yield f"{answer.status_code} for a role that may not do {action}"
    text = answer.text.lower()
    for youth in LIVES:
        if not _may_see(youth, scope, case, answer.status_code):
            for word in told_by(youth):
                if word in text:
                    yield f"{word!r} is told, of {'a protected' if youth is PROTECTED else 'a'} youth"


def in_logs(lines: Iterable[MutableMapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the lines that a request has logged: they tell of nobody."""
    for line in lines:
        error = line.get("exc_info")
        text = f"{line} {error!r}".lower()
        if any(word in text for youth in LIVES for word in told_by(youth)):
            yield f"a log line of {line['event']!r} tells who it is"
        if line["log_level"] == "error":
            yield f"{line['event']}: {error!r}"[:400]


def _can_be_read(request: httpx.Request) -> bool:
    try:
        json.loads(request.content or b"null")
    except ValueError:
        return False
    return True


def told_by(youth: Youth) -> Sequence[str]:
    """Words that tell who it is, in lower case."""
    number, phone = youth.number, youth.phone.removeprefix("+46")
    words = number[2:], f"{number[2:8]}-{number[8:]}", youth.old_number[2:], phone, youth.first_name, youth.street
    return [word.lower() for word in words]


def _may_see(youth: Youth, scope: Scope | None, case: Case, status: int) -> bool:
    """Whether an answer may tell who it is. A refusal tells of nobody."""
    if status >= 400 or scope in {None, Scope.COUNTS, Scope.NO_PERSONS, Scope.SELF}:
        return False
    if youth is PROTECTED:
        return scope is Scope.SERVICE or (scope is Scope.PROTECTED and "reason" in case.query)
    return {
        Scope.ALL: True,
        Scope.SERVICE: True,
        Scope.OWN_DISTRICTS: youth is NEAR,
        Scope.CONSENT: youth is not FAR,  # who has consented to nothing
        Scope.PROTECTED: False,
        Scope.OWN_UNITS: False,
    }[scope]


def _not_as_described(case: Case, answer: httpx.Response) -> Iterator[str]:
    try:
        case.validate_response(answer, checks=list(CONFORM))
    except FailureGroup as group:
        for failure in group.exceptions:
            yield f"{answer.status_code}: {failure.title}: {' '.join(failure.message.split())[:300]}"
