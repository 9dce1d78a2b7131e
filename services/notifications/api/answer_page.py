"""The answer page: Swedish, WCAG 2.1 AA, for any phone, without JavaScript and without cookies.

It shows nothing about whom a code belongs to. Opening a link answers nothing (previews and scanners
open links); pressing a button does. After the answer the browser is sent to the page again, so that
reloading repeats nothing.
"""

import base64
import hashlib
from pathlib import Path
from typing import Annotated

import phonenumbers
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.access import public
from chassis.postgres import transaction
from services.notifications import answers, swedish
from services.notifications.api.answers import caller, guess_limit
from services.notifications.api.deps import Clock, Pool
from services.notifications.api.guessing import WINDOW_SECONDS
from services.notifications.domain.codes import printed, read_code
from services.notifications.domain.replies import Choice
from services.notifications.sender import Sender

router = APIRouter(include_in_schema=False, dependencies=[public("the youth's answer page: the code is the key")])

PAGES = Path(__file__).parents[1] / "pages"
STYLE = (PAGES / "style.css").read_text()
_environment = Environment(loader=FileSystemLoader(PAGES), undefined=StrictUndefined, autoescape=True)
_style_hash = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_style_hash}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
CHOICES = {choice.value: choice for choice in (Choice.CONTACT_ME, Choice.OCCUPIED, Choice.NO_CONTACT)}
Typed = Annotated[str, Form(max_length=100)]


def _page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    sender: Sender = request.app.state.sender
    html = _environment.get_template(template).render(
        style=STYLE, sender=sender, phone=swedish.phone(sender.phone), tel=sender.phone, **values
    )
    return HTMLResponse(html, status, headers=HEADERS)


def _ask_for_code(request: Request, status: int = 200, error: str = "") -> HTMLResponse:
    return _page(request, "code.html", status, error=error)


def _too_many(request: Request) -> HTMLResponse:
    page = _ask_for_code(request, 429, "Det blev för många försök. Vänta en minut och försök igen.")
    page.headers["Retry-After"] = str(int(WINDOW_SECONDS))
    return page


def _unknown(request: Request) -> HTMLResponse:
    guess_limit(request).missed(caller(request))
    return _ask_for_code(
        request, 404, "Vi hittar inte den koden. Titta i brevet eller sms:et och skriv den en gång till."
    )


def _to(code: str) -> RedirectResponse:
    return RedirectResponse(f"/svar/{code}", 303, headers={"Cache-Control": "no-store"})


@router.get("/svar")
async def ask_for_code(request: Request) -> HTMLResponse:
    """Where the code from the letter is typed."""
    return _ask_for_code(request)


@router.post("/svar")
async def take_code(request: Request, pool: Pool, kod: Typed = "") -> Response:
    if guess_limit(request).blocked(caller(request)):
        return _too_many(request)
    if not kod.strip():
        return _ask_for_code(request, 422, "Skriv koden som står i brevet eller sms:et.")
    code = read_code(kod)
    async with pool.acquire() as conn:
        known = code is not None and await answers.find(conn, code) is not None
    return _to(code) if code is not None and known else _unknown(request)


@router.get("/svar/{code}")
async def show(code: str, request: Request, pool: Pool) -> HTMLResponse:
    """The question, or thanks when it is answered."""
    if guess_limit(request).blocked(caller(request)):
        return _too_many(request)
    read = read_code(code)
    async with pool.acquire() as conn:
        asked = await answers.find(conn, read) if read else None
    if read is None or asked is None:
        return _unknown(request)
    if asked.answered_at is not None:
        return _page(request, "thanks.html")
    return _page(request, "answer.html", code=read, printed=printed(read), error="", number="")


@router.post("/svar/{code}")
async def answer(
    code: str, request: Request, pool: Pool, clock: Clock, svar: Typed = "", telefon: Typed = ""
) -> Response:
    """Take the answer; the first one stands."""
    if guess_limit(request).blocked(caller(request)):
        return _too_many(request)
    read = read_code(code)
    async with transaction(pool) as conn:
        asked = await answers.find(conn, read) if read else None
        if read is None or asked is None:
            return _unknown(request)
        choice = CHOICES.get(svar)
        number = read_phone(telefon)
        error = ""
        if choice is None:
            error = "Välj ett av svaren."
        elif telefon.strip() and number is None:
            error = "Telefonnumret ser inte rätt ut. Skriv det som 070-123 45 67, eller lämna rutan tom."
        if choice is None or error:
            return _page(
                request, "answer.html", 422, code=read, printed=printed(read), error=error, number=telefon
            )
        await answers.answer_on_page(conn, asked, choice, number, clock.now())
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
