"""How long the year must take on this machine, now: a clock that runs ahead of its parts shows a false year."""

import os
import subprocess
import sys
from dataclasses import dataclass

# What two idle cores of a slow shared machine do; there the year takes `SHORTEST`, and all parts keep up with it.
REFERENCE_ROUNDS = 210.0
SHORTEST, LONGEST = 5.5, 20.0  # real minutes
SECONDS = 2.0

_WORK = """
import sys, time
until, rounds = time.perf_counter() + float(sys.argv[1]), 0
while time.perf_counter() < until:
    sum(number for number in range(100_000))
    rounds += 1
print(rounds)
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """``free``: what there is of two idle cores of the slow machine, 1.0 = all. ``minutes``: real, of the year."""

    free: float
    minutes: float


def pace_for(rounds: float) -> Pace:
    """Return the pace for a machine that does so many rounds of work in a second."""
    free = rounds / REFERENCE_ROUNDS
    return Pace(free, min(LONGEST, max(SHORTEST, SHORTEST / max(free, 0.01))))


def measure() -> Pace:
    """Try for two seconds how much processor time there is: one process a core, as the stack has at least."""
    words = (sys.executable, "-c", _WORK, str(SECONDS))
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(os.cpu_count() or 1)]
    rounds = sum(int(one.communicate()[0]) for one in running)
    return pace_for(rounds / SECONDS)
