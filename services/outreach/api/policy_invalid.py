"""A policy document that cannot be used, as a problem document: all faults, each by its field, in Swedish."""

from collections.abc import Iterable
from dataclasses import asdict

from chassis.problems import Problem
from services.outreach.domain.policy_faults import Fault


def policy_invalid(faults: Iterable[Fault]) -> Problem:
    """Return the 422 Problem with ``errors: [{field, message}]``."""
    return Problem(
        422,
        "policy-invalid",
        "Policyn går inte att använda",
        "Rätta det som står under errors.",
        errors=[asdict(one) for one in faults],
    )
