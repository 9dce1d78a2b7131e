"""Telling Temporal that an activity lives, while it works in long statements."""

import asyncio
from contextlib import AbstractAsyncContextManager

from temporalio import activity

from chassis.beside import beside

HEARTBEAT_SECONDS = 5.0


def heartbeats() -> AbstractAsyncContextManager[None]:
    """Tell every few seconds, as long as the block runs."""
    return beside(_beat())


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_SECONDS)
