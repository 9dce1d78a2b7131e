"""Waiting for so long at most."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Await work for so long (real time), then raise TimeoutError.

    Not `asyncio.wait_for`: on Python 3.11 it loses a cancellation that comes as the work is done, and a
    loop that is to end goes on for ever.
    """
    async with asyncio.timeout(seconds):
        return await work
