"""Run the demonstration: ``make demo`` (``python -m deploy.demo --help``)."""

import argparse
import asyncio
import json
import shutil
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from chassis.clock import CivilClock
from deploy.demo import forecast, result, tolerance
from deploy.demo.client import Stack
from deploy.demo.municipality import Municipality
from deploy.demo.pace import SHORTEST, measure
from deploy.demo.school_year import fast_clock
from deploy.demo.year import Outcome, SchoolYear
from deploy.local import config, stack
from deploy.local.config import InvalidConfig
from deploy.local.layout import Layout
from deploy.local.process import ROOT, StartFailed
from deploy.local.progress import Progress

FOLDER = ROOT / ".local" / "demo"
PORT_OFFSET = 100
# What is swept each minute of a real day must be swept each few seconds of this one, which are days too.
ON_A_FAST_CLOCK = {"UPPSOK_OUTREACH_SWEEP_INTERVAL": "PT1.5S"}
# The clock is set before the parts start: 15 August comes when they are ready, or a little later.
STARTS_WITHIN = timedelta(seconds=22)


def main() -> int:
    given = _arguments()
    console, began = Console(), time.monotonic()
    if stack.down(given.dir):
        console.print("Stopped the demonstration that was still running.")
    for kept in (*Layout(given.dir).data(), given.dir / "result"):
        shutil.rmtree(kept) if kept.is_dir() else kept.unlink(missing_ok=True)
    minutes = given.minutes or _minutes(console)
    municipality = Municipality(given.seed, given.covered)
    municipality.people()  # made before the clock runs: it takes a second
    clock = fast_clock(timedelta(minutes=minutes), STARTS_WITHIN)
    try:
        settings = config.load(given.dir, clock=clock.model_dump_json(), policy="stockholm", sample=False)
        settings = replace(settings, environment={**settings.environment, **ON_A_FAST_CLOCK})
        with Progress(console) as progress:
            facts = stack.up(settings.with_port_offset(given.port_offset), progress.show)
        console.print(
            f"Ready after {time.monotonic() - began:.0f} s; a civil day takes {86_400 / clock.speed:.2f} s."
        )
        outcome = asyncio.run(_live(facts, CivilClock(clock), municipality, console))
    except (InvalidConfig, stack.PortsTaken, StartFailed) as error:
        Console(stderr=True).print(f"{error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    finally:
        if not given.keep:
            stack.down(given.dir)
    outcome.problems += _compared(given, outcome)
    _tell(console, given, outcome)
    console.print(f"It took {time.monotonic() - began:.0f} s.")
    return 1 if outcome.problems else 0


def _minutes(console: Console) -> float:
    pace = measure()
    if pace.minutes > SHORTEST:
        console.print(
            f"There is {pace.free:.0%} of the processor time that the demonstration needs: this machine is "
            f"slow, or busy with other work. So the year takes {pace.minutes:.0f} minutes instead of {SHORTEST}.",
            soft_wrap=True,
        )
    return pace.minutes


async def _live(facts: dict[str, Any], clock: CivilClock, municipality: Municipality, console: Console) -> Outcome:
    async with Stack(facts) as running:
        year = SchoolYear(running, clock, municipality, console)
        return await year.live(Path(facts["folder"]) / "result")


def _compared(given: argparse.Namespace, outcome: Outcome) -> list[str]:
    """Compare with an earlier run, if asked to. Raises OSError when its file cannot be read."""
    if given.check is None:
        return []
    earlier = json.loads(given.check.read_text())
    about = earlier["demo"]
    if (about["seed"], about["covered"]) != (given.seed, given.covered):
        return [f"{given.check} is of another seed or size: nothing to compare with"]
    return [
        f"differs from {given.check.name}: {line}"
        for line in tolerance.differences(outcome.funnel, earlier["funnel"])
    ]


def _tell(console: Console, given: argparse.Namespace, outcome: Outcome) -> None:
    console.print()
    for line in result.as_text(outcome.funnel):
        console.print(line, markup=False, highlight=False)
    console.print("\nTracks, and by how many youths each was walked\n")
    for name, count in outcome.tracks.items():
        console.print(f"  {name:<42}{count:>6}", markup=False, highlight=False)
    console.print("\nThe planner's forecast of October, and what was done\n")
    for line in forecast.as_text(outcome.compared):
        console.print(line, markup=False, highlight=False)
    console.print(f"\nThe funnel (funnel.svg, funnel.json), letters and SMS are in {given.dir / 'result'}")
    if given.check is not None and not outcome.problems:
        console.print(f"The same as {given.check}, within the tolerance (docs/demo.md).")
    for problem in outcome.problems:
        console.print(f"WRONG: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="same seed, same funnel within the tolerance (1)")
    parser.add_argument("--covered", type=int, default=300, help="youths covered in the year (300)")
    parser.add_argument("--minutes", type=float, help="real minutes of the year (5.5, or as many as needed)")
    parser.add_argument("--dir", type=Path, default=FOLDER, help="data folder; emptied first (.local/demo)")
    parser.add_argument("--port-offset", type=int, default=PORT_OFFSET, help="added to each port (100)")
    parser.add_argument("--keep", action="store_true", help="leave the stack running; years go by on it")
    parser.add_argument(
        "--check",
        type=Path,
        metavar="FUNNEL.JSON",
        help="compare with the funnel.json of an earlier run of the same seed and size",
    )
    given = parser.parse_args()
    given.dir = given.dir.absolute()
    return given


if __name__ == "__main__":
    sys.exit(main())
