"""Bounds on what anybody may ask without a token: how often at all, and how often with a code that is none.

The code's 60 bits are what protects it; the bounds keep noise away from the database. Twilio's webhooks are not
counted: it calls in bursts from few addresses, does not repeat a receipt, and signs each.
"""

from prometheus_client import Counter
from starlette.requests import Request

from chassis.problems import Problem
from chassis.rate_limit import RateLimit, caller_at
from chassis.telemetry import ASGI, Receive, Scope, Send
from services.notifications.api.answer_pages import too_many_page

MISSES = 60  # codes that are none, in a minute, of one caller
PAGE, JSON = "/svar", "/answers"

refused = Counter("public_edge_refused_total", "Requests refused unread: too many of one caller", ["bound"])


class Limits:
    """What callers have used of both bounds. Who answers with a good code never uses up guesses."""

    def __init__(self, requests_per_minute: int) -> None:
        self.requests, self.guesses = RateLimit(requests_per_minute), RateLimit(MISSES)


class PublicEdge:
    """ASGI middleware: answers 429, as the page or as a problem document, to who has used up a bound."""

    def __init__(self, app: ASGI, limits: Limits) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        caller = caller_of(Request(scope))
        for bound, limit in (("requests", self._limits.requests), ("guesses", self._limits.guesses)):
            if limit.spent(caller):
                refused.labels(bound).inc()
                await self._refusal(scope, limit)(scope, receive, send)
                return
        self._limits.requests.count(caller)
        await self._app(scope, receive, send)

    @staticmethod
    def _refusal(scope: Scope, limit: RateLimit) -> ASGI:
        if scope["path"] == JSON:
            problem = Problem(429, "too-many-requests", "Too many requests", "Wait.", headers=limit.retry_after)
            return problem.response()
        page = too_many_page(scope["app"].state.sender)
        page.headers.update(limit.retry_after)
        return page


def is_public(path: str) -> bool:
    return path in (PAGE, JSON) or path.startswith(f"{PAGE}/")


def caller_of(request: Request) -> str:
    return caller_at(request.client.host if request.client else None)


def missed(request: Request) -> None:
    """Count a code that is none."""
    limits: Limits = request.app.state.limits
    limits.guesses.count(caller_of(request))
