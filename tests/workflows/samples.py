"""Youths and policies for the tests of the workflows. All times are civil, and do not depend on today."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import STOCKHOLM, ClockSpec
from contracts.outreach_workflow import OutreachStart
from contracts.policy import OutreachPolicy
from contracts.reasons import RegistrationReason
from workflows.youth_outreach.spread import fraction

# The municipality's own policy: its guarantees are what the tests are about.
STOCKHOLM_POLICY = OutreachPolicy.model_validate_json(
    Path("services/outreach/policies/stockholm.json").read_text(encoding="utf-8")
)
# A Monday; the register sync has just run.
REGISTERED = datetime(2026, 8, 24, 4, 10, tzinfo=STOCKHOLM)
LAST_COVERED_DAY = date(2028, 3, 14)


def policy(**changes: Any) -> OutreachPolicy:
    """Return the municipality's policy with changes."""
    return OutreachPolicy.model_validate({**STOCKHOLM_POLICY.model_dump(), **changes})


def start(**changes: Any) -> OutreachStart:
    """Return the start of a youth's workflow, with changes."""
    fields: dict[str, Any] = {
        "event_id": uuid4(),
        "youth_id": someone(),
        "episode_id": uuid4(),
        "municipality": "0180",
        "district": "farsta",
        "reason": RegistrationReason.LEFT_SCHOOL,
        "protected": False,
        "registered_on": REGISTERED.date(),
        "last_covered_day": LAST_COVERED_DAY,
        "policy": STOCKHOLM_POLICY,
        "clock": ClockSpec(),
        **changes,
    }
    return OutreachStart.model_validate(fields)


def someone() -> UUID:
    """Return a youth's id whose hash lets the search start on a later day than the registration's."""
    return next(made for made in iter(uuid4, None) if made and fraction(made, "start") > 0.2)
