"""Settings of the outreach service."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from chassis.settings import Settings as ChassisSettings

POLICIES = Path(__file__).parent / "policies"


class Settings(ChassisSettings):
    """What the outreach service can be told besides what every process can."""

    part: ClassVar[str] = "outreach"

    database_url: str = Field(validation_alias="DATABASE_URL_OUTREACH")
    outreach_policy_file: Path = Field(
        default=POLICIES / "stockholm.json", description="The outreach policy to begin with (docs/policy.md)"
    )
    outreach_signals_per_second: float = Field(
        default=60.0, gt=0, description="Signals to workflows; a burst would make staff's decisions wait"
    )
    outreach_claim_lease: timedelta = Field(
        default=timedelta(hours=4),
        gt=timedelta(0),
        description="Civil time that a claim holds without a sign of its holder (ISO 8601)",
    )
    outreach_sweep_interval: timedelta = Field(
        default=timedelta(seconds=60),
        gt=timedelta(0),
        description="Real time between sweeps: leases, assignment, escalation (ISO 8601)",
    )
    outreach_update_timeout: timedelta = Field(
        default=timedelta(seconds=10), description="Real time that a decision may take before 503 (ISO 8601)"
    )
