import asyncio

from services.outreach.pace import Pace


async def test_a_burst_is_spread_evenly() -> None:
    pace, loop = Pace(100), asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pace.wait() for _ in range(21)))
    assert loop.time() - began >= 0.2


async def test_who_comes_alone_does_not_wait() -> None:
    pace, loop = Pace(1), asyncio.get_running_loop()
    began = loop.time()
    await pace.wait()
    assert loop.time() - began < 0.5


async def test_a_pause_gives_no_credit_for_a_burst() -> None:
    pace, loop = Pace(50), asyncio.get_running_loop()
    await pace.wait()
    await asyncio.sleep(0.1)
    began = loop.time()
    await asyncio.gather(*(pace.wait() for _ in range(3)))
    assert loop.time() - began >= 0.04
