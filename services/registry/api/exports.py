"""The data-subject export (registerutdrag, GDPR art. 15): one person from all services, as JSON or PDF."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict

from chassis import audit
from chassis.problems import Problem, not_found, responses
from chassis.subject_data import gather
from contracts.actions import Action
from services.registry.api.keeping import opened
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import subject_data
from services.registry.export.compose import Export, ExportReason, compose
from services.registry.export.pdf import pdf_of

router = APIRouter(prefix="/youths/{youth_id}/export", tags=["export"], responses=responses(401, 403, 404, 422))
Exporter = Annotated[Reader, Depends(reader_for(Action.YOUTHS_EXPORT))]
PDF = "application/pdf"
_EXTRA: dict[int | str, dict[str, Any]] = {
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
    308: {
        "description": "The id was merged into another one: ask there",
        "headers": {"Location": {"schema": {"type": "string"}}},
    },
}
_ANSWERS = _EXTRA | responses(409, 503)


class ExportAsked(BaseModel):
    """Why the export is made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "youth_asked"}]})

    reason: ExportReason


@router.post("", response_model=Export, responses=_ANSWERS)
async def export_youth(
    who: Exporter,
    parts: TheParts,
    request: Request,
    youth_id: UUID,
    asked: ExportAsked,
    accept: Annotated[str, Header(description=f"{PDF} for the readable one, in Swedish")] = "application/json",
) -> Any:
    """Everything that all services have about one person, with the read log. Whole, or 503.

    Nobody is told but the audit; the export itself is not kept.
    """
    stands_as = await parts.pool.fetchval(subject_data.STANDS_AS, youth_id)
    if stands_as is None:
        raise not_found("youth")
    async with opened(parts, who, stands_as) as youth:
        if asked.reason is ExportReason.GUARDIAN_ASKED and not youth.minor:
            raise Problem(409, "of-age", "The youth is of age", "From 18 on only the youth asks for this.")
        ids = [row["id"] for row in await youth.conn.fetch(subject_data.ALL_IDS, stands_as)]
    if stands_as != youth_id:
        query = f"?{request.url.query}" if request.url.query else ""
        return Response(status_code=308, headers={"Location": f"/youths/{stands_as}/export{query}"})
    elsewhere = await parts.others.subject_data(ids)
    # Opened anew: the identity may have become protected meanwhile.
    async with opened(parts, who, youth_id) as youth:
        if ids != [row["id"] for row in await youth.conn.fetch(subject_data.ALL_IDS, youth_id)]:
            raise Problem(503, "register-changed", "The register changed meanwhile", "Ask again.")
        await audit.record(
            youth.conn,
            actor=who.subject,
            role=who.role,
            action="youth.export",
            at=youth.at,
            youth_id=youth_id,
            subject=asked.reason.value,
            why=who.viewer.reason,
        )
        own = await gather(youth.conn, subject_data.SECTIONS, ids)
        export = compose(ids, youth.at, asked.reason, {"registry": own, **elsewhere}, minor=youth.minor)
    if PDF in accept:
        return Response(
            await asyncio.to_thread(pdf_of, export),
            media_type=PDF,
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="registerutdrag.pdf"',
            },
        )
    return Response(export.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
