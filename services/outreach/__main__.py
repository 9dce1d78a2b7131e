"""``python -m services.outreach api|worker|migrate|check-policy|holidays``."""

import os
import sys
from functools import partial
from pathlib import Path

from chassis.migrate import migrate
from chassis.process import dispatch, leave, run_api, run_worker
from services.outreach import worker
from services.outreach.app import make_app
from services.outreach.domain.holidays import swedish_holidays, with_holidays
from services.outreach.domain.policy import PolicyInvalid, load_policy
from services.outreach.domain.policy_rules import rules_of_the_plan
from services.outreach.policy_file import configured_policy
from services.outreach.settings import Settings

MIGRATIONS = Path(__file__).parent / "db" / "migrations"


def _api() -> None:
    settings = Settings.load()
    run_api(make_app(settings), settings, "outreach-api")


def _worker() -> None:
    settings = Settings.load()
    configured_policy(settings)  # here already, so that its faults are told in plain words
    run_worker(settings, "outreach-worker", partial(worker.start, settings))


def _migrate() -> None:
    sys.stdout.write(migrate(os.environ["DATABASE_URL_OUTREACH_MIGRATOR"], MIGRATIONS))


def _check_policy() -> None:
    """``check-policy FILE``: say whether a policy document can be used, or what is wrong with it."""
    for path in _arguments(1, "check-policy FILE"):
        policy = load_policy(Path(path))
        sys.stdout.write(f"{path}: policyn {policy.version} går att använda\n")
        for one in rules_of_the_plan(policy):
            sys.stdout.write(f"- inte i drift: {one.message} [{one.field}]\n")


def _holidays() -> None:
    """``holidays FILE FIRST_YEAR LAST_YEAR``: fill in the holidays of a policy document."""
    path, first, last = _arguments(3, "holidays FILE FIRST_YEAR LAST_YEAR")
    document = Path(path)
    text = with_holidays(document.read_text(encoding="utf-8"), swedish_holidays(int(first), int(last)))
    document.write_text(text, encoding="utf-8")


def _arguments(count: int, usage: str) -> list[str]:
    given = sys.argv[2:]
    if len(given) != count:
        sys.stderr.write(f"usage: python -m services.outreach {usage}\n")
        leave(2)
    return given


if __name__ == "__main__":
    commands = {
        "api": _api, "worker": _worker, "migrate": _migrate, "check-policy": _check_policy, "holidays": _holidays,
    }  # fmt: skip
    try:
        dispatch(commands, "services.outreach")
    except PolicyInvalid as error:
        sys.stderr.write(f"{error}\n")
        leave(2)
