"""The outreach policy: its versions, deciding the next, and what that would change (docs/policy.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.preconditions import SeenVersion
from chassis.problems import Problem, responses
from contracts.actions import Action
from contracts.policy import OutreachPolicy, policy_schema
from services.outreach.api.parts import Parts, TheParts
from services.outreach.api.policy_invalid import policy_invalid
from services.outreach.api.policy_models import (
    PROPOSAL_EXAMPLE,
    PolicyDetail,
    PolicyPreview,
    PolicyVersions,
    detail_of,
    preview_of,
    summary_of,
)
from services.outreach.domain.policy import PolicyInvalid
from services.outreach.domain.policy_faults import fault
from services.outreach.domain.policy_proposal import read_proposal
from services.outreach.policy_preview import preview
from services.outreach.policy_versions import NoPolicyInForce, PolicyVersion

router = APIRouter(tags=["policy"], responses=responses(401, 503))
ANYBODY = [Depends(allow(Action.POLICY_READ))]
Reader = Annotated[Principal, Depends(allow(Action.POLICY_READ_VERSIONS))]
Previewer = Annotated[Principal, Depends(allow(Action.POLICY_PREVIEW))]
Decider = Annotated[Principal, Depends(allow(Action.POLICY_DECIDE))]
LARGEST = 256 * 1024  # bytes; the city's document has 4 000
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["document", "effective_from"],
                    "additionalProperties": False,
                    "properties": {
                        "document": {"description": "As GET /policies/schema says", "type": "object"},
                        "effective_from": {"description": "Civil date, tomorrow or later", "type": "string"},
                    },
                },
                "example": PROPOSAL_EXAMPLE,
            }
        },
    }
}


@router.get("/policy", dependencies=ANYBODY)
async def read_policy(parts: TheParts) -> OutreachPolicy:
    """The policy that new youths start with today, for anybody with a token. Who started earlier keeps the
    version of their journey (`policy_version`)."""
    with _told():
        return await parts.policies.in_force()


@router.get("/policies", responses=responses(400, 403, 422))
async def list_policies(_: Reader, parts: TheParts, cursor: Cursor = None, limit: Limit = 50) -> PolicyVersions:
    """All versions, the latest decided first."""
    with _told():
        in_force = (await parts.policies.in_force()).version
    found = await parts.policies.page(_position(cursor), limit + 1)
    shown = found[:limit]
    more = encode_cursor(shown[-1].decided_at.isoformat(), shown[-1].version) if len(found) > limit else None
    today = parts.clock.today()
    return PolicyVersions(items=[summary_of(one, today, in_force) for one in shown], next=more)


class SchemaDocument(JSONResponse):
    media_type = "application/schema+json"


@router.get("/policies/schema", dependencies=ANYBODY, response_class=SchemaDocument)
async def read_schema() -> SchemaDocument:
    """The JSON Schema of a policy document (contracts/schemas/outreach-policy.json), for editors and forms."""
    return SchemaDocument(policy_schema())


@router.post("/policies/preview", responses=responses(403, 413, 422), openapi_extra=BODY)
async def preview_policy(request: Request, decider: Previewer, parts: TheParts) -> PolicyPreview:
    """What a document would change, if it held from a date: field by field, for how many youths, which dates.

    Changes nothing; may be repeated. 422 as `PUT /policies/{version}`.
    """
    text = await _text(request)
    with _told():
        proposal = read_proposal(text)
        found = await preview(parts.pool, parts.policies, proposal)
    async with transaction(parts.pool) as conn:
        await audit.record(
            conn,
            actor=decider.subject,
            role=decider.role,
            action="policy.preview",
            at=parts.clock.now(),
            subject=proposal.policy.version,
        )
    return preview_of(proposal.policy.version, proposal.effective_from, found)


@router.get("/policies/{version}", responses=responses(403, 404))
async def read_version(version: str, _: Reader, parts: TheParts, response: Response) -> PolicyDetail:
    """One version with its document."""
    return await _detail(parts, await parts.policies.one(_name(version)), response)


@router.put(
    "/policies/{version}",
    responses={
        201: {"model": PolicyDetail, "description": "Decided"},
        **responses(400, 403, 409, 412, 413, 422, 428),
    },
    openapi_extra=BODY,
)
async def put_version(
    version: str, request: Request, decider: Decider, parts: TheParts, seen: SeenVersion, response: Response
) -> PolicyDetail:
    """Decide a version that holds from a coming date; before that date, with If-Match, change it.

    The same again changes nothing. What is wrong is told in Swedish: 422 with `errors`, each with its `field`
    and a `message`. 409: it has taken effect, is withdrawn, or another one takes effect that day.
    """
    text = await _text(request)
    with _told():
        decided, new = await parts.policies.put(decider, read_proposal(text, version), seen)
    if new:
        response.status_code = 201
    return await _detail(parts, decided, response)


@router.post("/policies/{version}/withdraw", responses=responses(403, 404, 409))
async def withdraw_version(version: str, decider: Decider, parts: TheParts, response: Response) -> PolicyDetail:
    """Withdraw a version before it takes effect. Again is harmless. 409: it has taken effect."""
    return await _detail(parts, await parts.policies.withdraw(decider, _name(version)), response)


async def _detail(parts: Parts, version: PolicyVersion, response: Response) -> PolicyDetail:
    with _told():
        in_force = (await parts.policies.in_force()).version
    shown = detail_of(version, parts.clock.today(), in_force)
    response.headers["ETag"] = shown.etag
    return shown


async def _text(request: Request) -> str:
    """Return the body. Raises Problems for one that is too large or is not text."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Problem(413, "policy-too-large", "Policyn är för stor", f"Högst {LARGEST // 1024} kB.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise policy_invalid([fault((), "är inte text i UTF-8. Spara det igen med den kodningen")]) from None


@contextmanager
def _told() -> Iterator[None]:
    """Tell the caller what is wrong with a document, or that the service is not ready."""
    try:
        yield
    except PolicyInvalid as invalid:
        raise policy_invalid(invalid.faults) from None
    except NoPolicyInForce:
        raise Problem(
            503, "no-policy", "Ingen policy gäller ännu", "Försök igen om en stund.", headers={"Retry-After": "5"}
        ) from None


def _name(version: str) -> str:
    """Return a version's name; PostgreSQL's text cannot hold every character of an address."""
    return version.replace("\0", "")


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    decided_at, version = decode_cursor(cursor, 2)
    try:
        return cursor_instant(decided_at), _name(version)
    except ValueError:
        raise bad_cursor() from None
