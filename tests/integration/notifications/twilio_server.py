"""Twilio's Messages API on the loopback: form-encoded in, JSON out, basic auth, and its ways to misbehave.

After the published API (2010-04-01): create ``POST .../Messages.json``, list ``GET .../Messages.json``.
"""

import asyncio
import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

SID, AUTH_TOKEN = "AC" + "0" * 32, "token-of-the-tests"


@dataclass
class TwilioServer:
    """``behaviours`` are used up one per request to create; then it behaves. ``created`` is what it took."""

    behaviours: list[str] = field(default_factory=list)
    created: list[dict[str, str]] = field(default_factory=list)
    lists_fail: bool = False
    asked: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/2010-04-01/Accounts/{sid}/Messages.json")
        async def create(sid: str, request: Request) -> Response:
            expected = base64.b64encode(f"{SID}:{AUTH_TOKEN}".encode()).decode()
            if sid != SID or request.headers.get("Authorization") != f"Basic {expected}":
                return refusal(401, 20003, "Authenticate")
            form = {name: str(value) for name, value in (await request.form()).items()}
            behaviour = self.behaviours.pop(0) if self.behaviours else "ok"
            if behaviour == "throttle":
                return refusal(429, 20429, "Too Many Requests")
            if behaviour == "error":
                return JSONResponse({"message": "Internal"}, 500)
            if behaviour.isdigit():
                return refusal(400, int(behaviour), f"The number {form['To']} is not right")
            if behaviour == "hang-before":  # nothing taken, no answer
                await asyncio.sleep(2)
                return Response(status_code=500)
            message = self.take(form)
            if behaviour == "hang-after":  # taken, and the answer does not come through
                await asyncio.sleep(2)
            if behaviour == "garbage":
                return Response("<html>bad gateway</html>", 201)
            return JSONResponse(message, 201)

        @app.get("/2010-04-01/Accounts/{sid}/Messages.json")
        async def listing(sid: str, request: Request) -> Response:
            self.asked += 1
            if self.lists_fail:
                return JSONResponse({"message": "Internal"}, 503)
            to, sender = request.query_params.get("To"), request.query_params.get("From")
            found = [shown(one) for one in reversed(self.created) if (one["To"], one["From"]) == (to, sender)]
            return JSONResponse({"messages": found, "page": 0, "page_size": 50, "next_page_uri": None})

        return app

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        kept = {**form, "sid": f"SM{len(self.created):032}", "at": format_datetime(datetime.now(UTC))}  # noqa: TID251 - Twilio's clock is real
        self.created.append(kept)
        return shown(kept)


def shown(kept: dict[str, str]) -> dict[str, Any]:
    return {
        "sid": kept["sid"],
        "account_sid": SID,
        "to": kept["To"],
        "from": kept["From"],
        "body": kept["Body"],
        "status": "queued",
        "date_created": kept["at"],
        "date_updated": kept["at"],
        "date_sent": None,
        "error_code": None,
        "error_message": None,
        "num_segments": "2",
        "num_media": "0",
        "direction": "outbound-api",
        "price": None,
        "uri": f"/2010-04-01/Accounts/{SID}/Messages/{kept['sid']}.json",
    }


def refusal(status: int, code: int, message: str) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)
