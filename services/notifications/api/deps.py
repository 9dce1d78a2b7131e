"""What routes share: pool, clock and settings of the app, and times as Stockholm has them."""

from datetime import datetime
from typing import Annotated, cast

import asyncpg
from fastapi import Depends, Request
from pydantic import AfterValidator

from chassis.clock import STOCKHOLM, CivilClock
from services.notifications.settings import Settings


async def pool(request: Request) -> asyncpg.Pool:
    return cast(asyncpg.Pool, request.app.state.pool)


async def settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


async def clock(request: Request) -> CivilClock:
    return cast(CivilClock, request.app.state.clock)


Pool = Annotated[asyncpg.Pool, Depends(pool)]
Configured = Annotated[Settings, Depends(settings)]
Clock = Annotated[CivilClock, Depends(clock)]
CivilTime = Annotated[datetime, AfterValidator(lambda at: at.astimezone(STOCKHOLM))]
