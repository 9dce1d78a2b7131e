"""`make verify-audit`: whether the audit of each service is what it was (chassis/audit_chain.py)."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence

import asyncpg
from rich.console import Console

from chassis.audit_chain import Verified, verify
from deploy.local.config import Config, InvalidConfig
from deploy.local.databases import SERVICES
from deploy.local.environment import Environment

Known = Mapping[str, tuple[int, str]]
_KNOWN = re.compile(rf"({'|'.join(SERVICES)})=(\d+):([0-9a-f]{{64}})")


def show(config: Config, known: Sequence[str], console: Console) -> int:
    """Say what was found of each service; return 1 when something is not as it was.

    Raises InvalidConfig for a known seal that is not written as SERVICE=NUMBER:HASH.
    """
    urls = {service: Environment(config).database(service).app_url for service in SERVICES}
    found = asyncio.run(_verified(urls, _read(known)))
    for service, one in found.items():
        console.print(
            f"{service}: {one.rows} rows under {one.seals} seals, {'whole' if one.whole else 'NOT whole'}"
        )
        for line in _faults(one):
            console.print(f"  {line}", style="red", markup=False, highlight=False)
    return int(not all(one.whole for one in found.values()))


async def _verified(urls: Mapping[str, str], known: Known) -> dict[str, Verified]:
    found = {}
    for service, url in urls.items():
        conn = await asyncpg.connect(url)
        try:
            found[service] = await verify(conn, known.get(service))
        finally:
            await conn.close()
    return found


def _faults(one: Verified) -> Iterator[str]:
    for seal in one.broken:
        after = "the beginning" if seal.after is None else f"{seal.after:%Y-%m-%d %H:%M:%S}"
        yield (
            f"seal {seal.number}: what was recorded between {after} and {seal.until:%Y-%m-%d %H:%M:%S} "
            f"is not what it was ({seal.rows_then} rows then, {seal.rows_now} now)"
        )
    if one.missing:
        yield f"seals are missing: {', '.join(map(str, one.missing))}"
    if one.reasons:
        yield f"rows with another reason than was given: {', '.join(map(str, one.reasons))}"
    if one.unsealed:
        yield f"{one.unsealed} rows have no seal: put in later, or the service's worker does not run"
    if one.another_chain:
        yield "the seal that was logged is not in it: the chain was made anew, or its end is gone"


def _read(known: Sequence[str]) -> Known:
    read = {}
    for text in known:
        match = _KNOWN.fullmatch(text)
        if match is None:
            raise InvalidConfig(f"{text}: write a known seal as SERVICE=NUMBER:HASH, as the service logged it")
        read[match[1]] = (int(match[2]), match[3])
    return read
