"""The answer page's routes.

It shows nothing about whom a code belongs to. Opening a link answers nothing (previews and scanners
open links); pressing a button does. After the answer the browser is sent to the page again, so that
reloading repeats nothing. A code that is not taken gets one and the same page, whyever it is not.
"""

from typing import Annotated

import phonenumbers
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from chassis.access import public
from chassis.postgres import transaction
from services.notifications import answers
from services.notifications.api.answer_pages import code_page, page, unknown_page
from services.notifications.api.deps import Clock, Configured, Pool
from services.notifications.api.public_edge import missed
from services.notifications.domain.codes import printed, read_code
from services.notifications.domain.replies import Choice
from services.notifications.sender import Sender

router = APIRouter(include_in_schema=False, dependencies=[public("the youth's answer page: the code is the key")])

CHOICES = {choice.value: choice for choice in (Choice.CONTACT_ME, Choice.OCCUPIED, Choice.NO_CONTACT)}
Typed = Annotated[str, Form(max_length=100)]


async def sender_of(request: Request) -> Sender:
    sender: Sender = request.app.state.sender
    return sender


TheSender = Annotated[Sender, Depends(sender_of)]


def _unknown(request: Request, sender: Sender) -> HTMLResponse:
    missed(request)
    return unknown_page(sender)


def _to(code: str) -> RedirectResponse:
    return RedirectResponse(f"/svar/{code}", 303)


@router.get("/svar")
async def ask_for_code(sender: TheSender) -> HTMLResponse:
    """Where the code from the letter is typed."""
    return code_page(sender)


@router.post("/svar")
async def take_code(
    request: Request, sender: TheSender, pool: Pool, clock: Clock, settings: Configured, kod: Typed = ""
) -> Response:
    if not kod.strip():
        return code_page(sender, 422, "Skriv koden som står i brevet eller sms:et.")
    code = read_code(kod)
    async with pool.acquire() as conn:
        asked = await answers.find(conn, code, clock.now(), settings.notifications_code_days)
    return _to(code) if code is not None and asked is not None else _unknown(request, sender)


@router.get("/svar/{code}")
async def show(
    code: str, request: Request, sender: TheSender, pool: Pool, clock: Clock, settings: Configured
) -> HTMLResponse:
    """The question, or thanks when it has just been answered."""
    read = read_code(code)
    async with pool.acquire() as conn:
        asked = await answers.find(conn, read, clock.now(), settings.notifications_code_days)
    if read is None or asked is None:
        return _unknown(request, sender)
    if asked.answered_at is not None:
        return page(sender, "thanks.html")
    return page(sender, "answer.html", code=read, printed=printed(read), error="", number="")


@router.post("/svar/{code}")
async def answer(
    code: str,
    request: Request,
    sender: TheSender,
    pool: Pool,
    clock: Clock,
    settings: Configured,
    svar: Typed = "",
    telefon: Typed = "",
) -> Response:
    """Take the answer; the first one stands."""
    read, now = read_code(code), clock.now()
    async with transaction(pool) as conn:
        asked = await answers.find(conn, read, now, settings.notifications_code_days)
        if read is None or asked is None:
            return _unknown(request, sender)
        choice = CHOICES.get(svar)
        number = read_phone(telefon)
        error = ""
        if choice is None:
            error = "Välj ett av svaren."
        elif telefon.strip() and number is None:
            error = "Telefonnumret ser inte rätt ut. Skriv det som 070-123 45 67, eller lämna rutan tom."
        if choice is None or error:
            return page(sender, "answer.html", 422, code=read, printed=printed(read), error=error, number=telefon)
        await answers.answer_on_page(conn, asked, choice, number, now)
    return _to(read)


def read_phone(typed: str) -> str | None:
    """Return a telephone number in E.164, Swedish if no country is given; None when it is none."""
    try:
        number = phonenumbers.parse(typed, "SE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
