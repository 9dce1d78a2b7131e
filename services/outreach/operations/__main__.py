"""``python -m services.outreach.operations COMMAND``: what an operator does to many at once.

Without ``--do`` each command only says what it would do. It prints counts, codes and opaque ids.
"""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import asyncpg
import httpx
from temporalio.client import Client
from temporalio.service import RPCError

from chassis import telemetry
from chassis.inbox import Transient
from chassis.postgres import create_pool
from chassis.process import leave
from chassis.temporal import connect
from contracts.actions import Action
from services.outreach.operations import over_http
from services.outreach.operations.acting import VARIABLE, NotDone, Trail, operator_of
from services.outreach.operations.district import District, Told, last_day
from services.outreach.operations.stuck import drive_again, stuck
from services.outreach.pace import Pace
from services.outreach.settings import Settings
from services.outreach.signals import Signals

OUTREACH = "http://127.0.0.1:8102"
IDS_SHOWN = 20
PATIENCE = 5.0  # seconds until a Temporal that does not answer is called away
Command = Callable[[argparse.Namespace, Settings], Awaitable[None]]


async def stuck_runs(given: argparse.Namespace, settings: Settings) -> None:
    client = await temporal(settings)
    runs = await stuck(client)
    say(f"{len(runs)} runs whose workflow task keeps failing")
    counts_of(Counter(run.cause for run in runs))
    ids_of([run.workflow_id for run in runs])
    if not is_to_be_done(given) or not runs:
        return
    async with pool_of(settings) as pool:
        operator = await operator_of(os.environ.get(VARIABLE), settings, Action.RUNS_REDRIVE)
        trail = Trail(pool, settings.clock, operator)
        driven = await drive_again(client, runs, trail, Pace(given.per_second), progress("driven again"))
        trail.done("stuck-runs", driven=driven.driven, over=driven.over)
    say(f"{driven.driven} driven again, {driven.over} had gone on by themselves")


async def dead_letters(given: argparse.Namespace, settings: Settings) -> None:
    async with http_of(given) as http:
        letters = await over_http.dead_letters(http)
        youths = list(dict.fromkeys(letter["key"] for letter in letters))
        say(f"{len(letters)} events of {len(youths)} youths wait")
        counts_of(Counter(f"{letter['consumer']}: {letter['cause']}" for letter in letters))
        ids_of(youths)
        if not is_to_be_done(given) or not letters:
            return
        counts = await over_http.replay(http, letters, progress("handled"))
    say(
        f"{counts['done']} events handled, {counts['left']} left; "
        f"the first event of {counts['youths_failed_again']} youths failed again"
    )


async def hold_district(given: argparse.Namespace, settings: Settings) -> None:
    until = last_day(given.until, settings.clock.today())
    async with pool_of(settings) as pool:
        district = District(pool, given.district)
        await district.exists()
        steps = await district.to_hold(until)
        say(f"{steps.total()} searches of {given.district} wait through {until}")
        counts_of(steps)
        if booked := steps["door_card"] + steps["home_visit"]:
            say(f"  of these, {booked} have a visit that is cancelled, and planned anew afterwards")
        if not is_to_be_done(given) or not steps:
            return
        signals, trail = await acting(given, settings, pool)
        told = await district.hold(until, signals, trail, progress("told"))
        tell(trail, "hold-district", given.district, told)


async def release_district(given: argparse.Namespace, settings: Settings) -> None:
    async with pool_of(settings) as pool:
        district = District(pool, given.district)
        await district.exists()
        waiting = (await district.to_release()).total()
        say(f"{waiting} of {given.district} wait; those who wait for social services are not moved by this")
        if not is_to_be_done(given) or not waiting:
            return
        signals, trail = await acting(given, settings, pool)
        told = await district.release(signals, trail, progress("told"))
        tell(trail, "release-district", given.district, told)


async def stop_wave(given: argparse.Namespace, settings: Settings) -> None:
    async with http_of(given) as http:
        show_wave(await over_http.wave(http, given.wave_id))
        if is_to_be_done(given):
            show_wave(await over_http.stop(http, given.wave_id))


def show_wave(wave: Mapping[str, object]) -> None:
    recalled = (
        f", {wave['recalled']} messages recalled, {wave['too_late']} too late" if wave["finished_at"] else ""
    )
    say(
        f"wave {wave['wave_id']} is {wave['state']}: "
        f"{wave['waiting']} youths wait, {wave['handed_over']} are handed over{recalled}"
    )


# --- what the commands share ---


async def acting(given: argparse.Namespace, settings: Settings, pool: asyncpg.Pool) -> tuple[Signals, Trail]:
    """Return what tells workflows at the wanted pace, and the trail. Raises NotDone for who may not hold."""
    operator = await operator_of(os.environ.get(VARIABLE), settings, Action.RUNS_HOLD)
    client = await temporal(settings)
    return Signals(client, Pace(given.per_second)), Trail(pool, settings.clock, operator)


async def temporal(settings: Settings) -> Client:
    try:
        return await connect(settings, patience=PATIENCE)
    except (RPCError, RuntimeError) as error:
        raise NotDone(f"Temporal does not answer at {settings.temporal_address}: {type(error).__name__}") from None


@asynccontextmanager
async def pool_of(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(
        settings.database_url, application_name="outreach-operations", max_size=2
    ) as pool:
        yield pool


@asynccontextmanager
async def http_of(given: argparse.Namespace) -> AsyncIterator[httpx.AsyncClient]:
    token = os.environ.get(VARIABLE)
    if not token:
        raise NotDone(f"say who you are: {VARIABLE} holds a token of an operator")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=given.url, headers=headers, timeout=60) as http:
        yield http


def tell(trail: Trail, what: str, district: str, told: Told) -> None:
    trail.done(what, district=district, told=told.told, gone=told.gone)
    say(f"{told.told} told, {told.gone} had ended meanwhile")


def is_to_be_done(given: argparse.Namespace) -> bool:
    if not given.do:
        say("Nothing was done: this is what would be. Add --do to act.")
    return bool(given.do)


def counts_of(counts: Counter[str]) -> None:
    for name, number in counts.most_common():
        say(f"  {number} {name}")


def ids_of(ids: list[str]) -> None:
    for one in ids[:IDS_SHOWN]:
        say(f"  {one}")
    if len(ids) > IDS_SHOWN:
        say(f"  and {len(ids) - IDS_SHOWN} more")


def progress(what: str) -> Callable[[int], None]:
    """Return a reporter that says every hundred."""

    def report(done: int) -> None:
        if done and done % 100 == 0:
            say(f"  {done} {what}")

    return report


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m services.outreach.operations", description=__doc__)
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Command, text: str, *, per_second: float | None = None) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        how = added.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="only say what would be done (default)")
        how.add_argument("--do", action="store_true", help=f"act; {VARIABLE} says who you are")
        if per_second is not None:
            added.add_argument("--per-second", type=pace, default=per_second, help="youths a second (%(default)s)")
        return added

    def over_url(added: argparse.ArgumentParser) -> None:
        added.add_argument("--url", default=OUTREACH, help="the service's API (%(default)s)")

    command("stuck-runs", stuck_runs, "drive runs again whose workflow task keeps failing", per_second=5)
    over_url(command("dead-letters", dead_letters, "have a service handle its dead and parked events again"))
    hold = command("hold-district", hold_district, "let the searches of a district wait", per_second=10)
    hold.add_argument("district", help="its code")
    hold.add_argument("--until", type=date.fromisoformat, required=True, help="the last day, e.g. 2026-10-15")
    release = command("release-district", release_district, "let them go on before the last day", per_second=10)
    release.add_argument("district", help="its code")
    stopping = command("stop-wave", stop_wave, "stop a mailing, and recall what is queued")
    stopping.add_argument("wave_id", type=UUID)
    over_url(stopping)
    return made


def pace(text: str) -> float:
    number = float(text)
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError("more than 0, at most 100")
    return number


async def run(arguments: list[str], settings: Settings) -> int:
    """Run one command; return the exit code."""
    given = parser().parse_args(arguments)
    try:
        await given.run(given, settings)
    except NotDone as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Transient as error:
        sys.stderr.write(f"{error}: run it again, it goes on with who is left\n")
        return 1
    return 0


if __name__ == "__main__":
    configured = Settings.load()
    telemetry.configure(configured, "outreach-operations")
    leave(asyncio.run(run(sys.argv[1:], configured)))
