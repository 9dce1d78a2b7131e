"""Write the extracts of a sample municipality: ``python -m deploy.sample --help``."""

import argparse
import os
from datetime import date
from pathlib import Path

from chassis.clock import CivilClock, ClockSpec
from deploy.sample.extract import extract, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.sample", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="same seed, same people (1)")
    parser.add_argument("--covered", type=int, default=60, help="covered youths on the first day (60)")
    parser.add_argument("--residents", type=int, help="people in the first extract (six times the covered)")
    parser.add_argument("--arriving", type=int, help="youths who come under the duty in the year (31 %%)")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day the extracts speak for (today)")
    parser.add_argument("--start", type=date.fromisoformat, help="first day of the sample's year (as-of)")
    parser.add_argument("--out", type=Path, required=True, help="folder, e.g. the registry's drop folder")
    given = parser.parse_args()
    given.as_of = (
        given.as_of or CivilClock(ClockSpec.model_validate_json(os.environ.get("UPPSOK_CLOCK", "{}"))).today()
    )
    if given.covered < 1:
        parser.error("--covered must be at least 1")
    try:
        rows = extract(
            given.seed,
            given.covered,
            given.as_of,
            start=given.start,
            residents=given.residents,
            arriving=given.arriving,
        )
    except ValueError as error:
        parser.error(str(error))
    for path, records in zip(write(rows, given.as_of, given.out), rows.values(), strict=True):
        print(f"{path}  {len(records)} rows")


if __name__ == "__main__":
    main()
