"""Twilio's webhooks: what became of an SMS, and SMS that youths send. Each must bear Twilio's signature."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Request, Response

from chassis.access import public
from chassis.postgres import transaction
from chassis.problems import Problem, responses
from services.notifications import answers
from services.notifications.api.deps import Clock, Configured, Pool
from services.notifications.domain.receipts import ReceiptStatus
from services.notifications.providers import twilio_codes
from services.notifications.providers.twilio_sms import NAME
from services.notifications.receipts import Receipt, apply_receipt

log = structlog.get_logger(__name__)
router = APIRouter(
    prefix="/webhooks/twilio",
    tags=["webhooks"],
    dependencies=[public("the provider: each request bears its signature")],
)

MOST_FIELDS = 200  # Twilio sends some 30, and may send more without saying so
NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


async def signed_form(request: Request, settings: Configured) -> Mapping[str, str]:
    """Return the form of a request that Twilio signed with our token; else 403.

    The signature is over the address that Twilio called: our public one, not what a proxy made of it.
    """
    from twilio.request_validator import RequestValidator

    async with request.form(max_files=0, max_fields=MOST_FIELDS) as sent:
        form = {name: value for name, value in sent.items() if isinstance(value, str)}
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{settings.notifications_webhook_url.rstrip('/')}{request.url.path}{query}"
    validator = RequestValidator(settings.notifications_twilio_auth_token.get_secret_value())
    if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
        raise Problem(403, "bad-signature", "The signature is not Twilio's", "X-Twilio-Signature does not fit.")
    return form


SignedForm = Annotated[Mapping[str, str], Depends(signed_form)]


def _field(form: Mapping[str, str], name: str) -> str:
    if not (value := form.get(name, "")):
        raise Problem(422, "invalid-input", "The input is not valid", f"{name} is missing.")
    return value


@router.post("/status", status_code=204, response_class=Response, responses=responses(403, 422))
async def status(form: SignedForm, message_id: UUID, pool: Pool, clock: Clock) -> Response:
    """What became of an SMS. ``message_id`` is ours: it stands in the callback's address."""
    word = _field(form, "MessageStatus")
    known = twilio_codes.STATUSES.get(word)
    if known is None:  # a status that is newer than we are: never an error to Twilio
        log.warning("unknown_status", provider=NAME, status=word[:32])
        return Response(status_code=204)
    code = form.get("ErrorCode") or None
    receipt = Receipt(
        message_id=message_id,
        provider=NAME,
        reference=form.get("MessageSid") or None,
        status=known,
        word=word,
        failure=twilio_codes.failure(code) if known is ReceiptStatus.FAILED else None,
        provider_code=code,
    )
    async with transaction(pool) as conn:
        await apply_receipt(conn, receipt, clock.now())
    return Response(status_code=204)


@router.post("/inbound", response_class=Response, responses=responses(403, 422))
async def inbound(form: SignedForm, pool: Pool, clock: Clock) -> Response:
    """An SMS from a youth: the answer to the message whose code it holds, or to our latest SMS to that number."""
    sid, sender = _field(form, "MessageSid"), _field(form, "From")
    async with transaction(pool) as conn:
        await answers.receive_sms(conn, sid, sender, form.get("Body", ""), clock.now())
    return Response(NO_REPLY, media_type="text/xml")
