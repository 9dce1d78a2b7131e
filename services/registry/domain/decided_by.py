"""Which code decides: when it changes, everybody is looked at once more."""

import hashlib
from pathlib import Path

from contracts import districts
from services.registry.domain import (
    age,
    coverage,
    criteria,
    episodes,
    facts,
    manual,
    reasons,
    residence,
    rule_versions,
    school_reports,
    timeline,
)

_MODULES = (
    districts,
    age,
    coverage,
    criteria,
    episodes,
    facts,
    manual,
    reasons,
    residence,
    rule_versions,
    school_reports,
    timeline,
)


def rules(municipality: str) -> str:
    """Return a name for the rules by which this code decides for a municipality."""
    code = b"".join(Path(module.__file__ or "").read_bytes() for module in _MODULES)
    return hashlib.sha256(municipality.encode() + code).hexdigest()[:16]
