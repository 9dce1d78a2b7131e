"""The registry's side of ``POST /recipients``, as the contract between the services says it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

PHONE = "+46701740611"


@dataclass
class RegistryServer:
    """Answers for the youths it was told of. ``asked`` keeps each request; ``down`` makes it fail."""

    token: str
    youths: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False

    def forget(self) -> None:
        self.youths.clear()
        self.asked.clear()
        self.down = False

    def knows(
        self,
        youth_id: UUID,
        *,
        covered: bool = True,
        protected: bool = False,
        on_hold: bool = False,
        phone: str | None = PHONE,
        home: bool = True,
        name: str = "Alex Exempel",
    ) -> None:
        shown = covered and not protected and not on_hold
        address = {"care_of": None, "street": "Exempelvägen 1", "postal_code": "12345", "city": "Farsta"}
        self.youths[youth_id] = {
            "youth_id": str(youth_id),
            "covered": covered,
            "protected": protected,
            "on_hold": on_hold,
            "name": name if shown else None,
            "address": address if shown and home else None,
            "phone": phone if shown else None,
            "birth_year": 2008,
        }

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/recipients")
        async def recipients(request: Request) -> JSONResponse:
            if self.down:
                return JSONResponse({"title": "down"}, 503)
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                return JSONResponse({"title": "no"}, 401)
            body = await request.json()
            self.asked.append(body)
            ids = [UUID(youth_id) for youth_id in body["youth_ids"]]
            return JSONResponse({"items": [self.youths[one] for one in ids if one in self.youths]})

        return app
