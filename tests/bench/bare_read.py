"""The floor of a read: FastAPI and asyncpg, one row by its primary key, nothing else.

``python -m tests.bench.bare_read DATABASE_URL PORT``
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI

ROW = "select id, birth_date, district from persons where id = $1"


def make_app(url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=1, max_size=4) as app.state.pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/persons/{person_id}")
    async def get_person(person_id: UUID) -> dict[str, object]:
        row = await app.state.pool.fetchrow(
            "select id, birth_date, district from persons where id = $1", person_id
        )
        return dict(row)

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(sys.argv[1]), port=int(sys.argv[2]), access_log=False, log_level="warning", loop="uvloop")
