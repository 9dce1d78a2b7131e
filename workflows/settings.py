"""Settings of the workflow worker."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import Settings as ChassisSettings


class Settings(ChassisSettings):
    """What the workflow worker can be told besides what every process can."""

    part: ClassVar[str] = "workflows"

    workflows_max_cached: int = Field(
        default=2_000, ge=0, description="Workflows kept in memory (about 100 kB each); others are replayed"
    )
    workflows_max_concurrent_tasks: int = Field(
        default=16, ge=2, le=20, description="More at once hits the SDK's 2 s deadlock limit in a replay storm"
    )
