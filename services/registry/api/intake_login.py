"""Who stands before the intake form: staff, by the bearer token that the API takes too.

A browser cannot send that header by itself. In production a proxy of the city's login puts it there; the
login by OIDC comes with the staff desk. In the environments local and test a token may be typed in,
which then travels in a cookie of the form's own for half an hour.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from chassis.access import Declared, public
from chassis.auth import Principal, TokenVerifier
from chassis.origin import set_origin
from chassis.pages import Pages
from chassis.problems import Problem
from contracts.actions import Action

PAGES = Pages(Path(__file__).parents[1] / "pages")
COOKIE = "uppsok_intag"
PATH = "/intag"
COOKIE_SECONDS = 30 * 60
NOBODY_YET = public("logging in to the form, or out of it; in the environments local and test only")
MOST_CHARACTERS = 4000  # a cookie holds no more


@dataclass(frozen=True, slots=True)
class NotHere:
    """Why the form is not shown."""

    status: int
    heading: str
    words: str
    login_field: bool = False
    error: str = ""

    def page(self) -> Response:
        page = PAGES.render(
            "login.html",
            self.status,
            heading=self.heading,
            words=self.words,
            login_field=self.login_field,
            errors={"token": self.error} if self.error else {},
        )
        if self.status == 401:
            page.headers["WWW-Authenticate"] = "Bearer"
        return page


Staff: TypeAlias = Principal | NotHere


def typed_tokens(request: Request) -> bool:
    """Return whether a token may be typed in here."""
    return request.app.state.environment in ("local", "test")


def can_log_out(request: Request) -> bool:
    return typed_tokens(request) and COOKIE in request.cookies


@dataclass(frozen=True, slots=True)
class AllowOnPage(Declared):
    """Gives the staff member, or why there is none, as a page is told; else as `chassis.access.Allow`."""

    async def __call__(self, request: Request) -> Staff:
        if request.method != "GET" and request.headers.get("sec-fetch-site", "none") not in (
            "none",
            "same-origin",
        ):
            return NotHere(
                403, "Det gick inte", "Formuläret kom från en annan webbplats. Öppna det här i stället."
            )
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = request.cookies.get(COOKIE, "") if typed_tokens(request) else ""
        if not token:
            return _log_in(request)
        verifier: TokenVerifier = request.app.state.verifier
        try:
            principal = self.granted(request, await verifier.verify(token))
        except Problem as problem:
            if problem.status == 503:
                return NotHere(
                    503, "Det går inte just nu", "Inloggningen kan inte kontrolleras. Försök igen om en stund."
                )
            if problem.status == 403:
                return NotHere(403, "Du har inte behörighet", "Din inloggning ger ingen roll här.")
            return _log_in(request, "Inloggningen gäller inte längre." if typed_tokens(request) else "")
        if not principal.grants:
            return NotHere(403, "Du har inte behörighet", "Formuläret är för dem som sköter funktionsbrevlådan.")
        if request.client is not None:
            set_origin(request.client.host)
        return principal


staff = AllowOnPage(Action.SCHOOL_REPORTS_TYPE_IN)


def _log_in(request: Request, error: str = "") -> NotHere:
    if typed_tokens(request):
        words = "Den här sidan är för personal. Logga in för att skriva in rapporter."
        return NotHere(401, "Logga in", words, login_field=True, error=error)
    return NotHere(
        401,
        "Logga in",
        "Den här sidan är för personal och nås genom stadens inloggning. Kom du hit utan att bli ombedd att "
        "logga in, kontakta den som sköter systemet.",
    )


router = APIRouter(include_in_schema=False)


@router.post("/intag/logga-in", dependencies=[NOBODY_YET])
async def log_in(request: Request) -> Response:
    """Environments local and test only: keep a typed token for half an hour, for this form alone."""
    async with request.form(max_files=0, max_fields=2) as form:
        typed = form.get("token", "")
    token = typed.strip()[:MOST_CHARACTERS] if isinstance(typed, str) else ""
    verifier: TokenVerifier = request.app.state.verifier
    try:
        await verifier.verify(token)
    except Problem:
        return _log_in(request, "Koden stämmer inte, eller gäller inte längre.").page()
    answer = RedirectResponse(PATH, 303)
    answer.set_cookie(
        COOKIE, token, max_age=COOKIE_SECONDS, path=PATH, httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/intag/logga-ut", dependencies=[NOBODY_YET])
async def log_out() -> Response:
    answer = RedirectResponse(PATH, 303)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer
