"""Settings of the registry's processes."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from chassis.settings import Settings as ChassisSettings
from services.registry.domain.conflicts import Patience
from services.registry.gallring.deciding import Clocks
from services.registry.stale_after import StaleAfter


class Settings(ChassisSettings):
    """What the registry can be told besides what every process can."""

    part: ClassVar[str] = "registry"

    database_url: str = Field(validation_alias="DATABASE_URL_REGISTRY")
    registry_drop_folder: Path = Field(
        default=Path("drop"), description="Where the files of docs/sources/files.md are put"
    )
    registry_ss12000_file: Path | None = Field(
        default=None,
        description="JSON file of SS 12000 servers (docs/sources/ss12000.md); without it none is read",
    )
    registry_outreach_url: str = Field(default="http://127.0.0.1:8102", description="Outreach's API")
    registry_notifications_url: str = Field(
        default="http://127.0.0.1:8103", description="The API of notifications"
    )
    registry_reporting_url: str = Field(default="http://127.0.0.1:8104", description="Reporting's API")
    registry_municipality: str = Field(
        default="0180", pattern=r"^\d{4}$", description="Code of our municipality; 0180 is Stockholm"
    )
    # The law says "as soon as possible" and no number of days: ours, until the city decides on one.
    registry_report_late_after_days: int = Field(
        default=14, ge=0, description="A school report that comes later than this after the event is late"
    )
    registry_waiting_report_days: int = Field(
        default=90,
        ge=1,
        description="How long the number in a school report about nobody of ours is kept for matching",
    )
    registry_conflict_register_days: int = Field(
        default=14,
        ge=1,
        description="How long a register may lag behind a school's report, or the extract behind Navet",
    )
    registry_conflict_exam_days: int = Field(
        default=60, ge=1, description="How long the exams register may lag behind a school that tells of an exam"
    )

    registry_stale_after_days: StaleAfter = Field(
        default=StaleAfter(),
        description='After how many days without news a source is stale, as JSON: {"population": 7}',
    )

    @property
    def patience(self) -> Patience:
        """After how many days a source that lags behind another contradicts it."""
        return Patience(self.registry_conflict_register_days, self.registry_conflict_exam_days)

    # Gallring (docs/gallring.md). The ordinance's own time could not be verified: ours, until it has been.
    registry_gallring_register_days: int = Field(
        default=730, ge=1, description="How long register data is kept after the duty ended (2006:39, 7 §)"
    )
    registry_gallring_documentation_days: int = Field(
        default=730, ge=1, description="How long documentation is kept after the duty ended (archive rules)"
    )
    registry_gallring_never_covered_days: int = Field(
        default=90,
        ge=1,
        description="How long a person never covered is kept after turning 20 or leaving the population file",
    )

    @property
    def gallring_clocks(self) -> Clocks:
        return Clocks(
            self.registry_gallring_register_days,
            self.registry_gallring_documentation_days,
            self.registry_gallring_never_covered_days,
        )

    @model_validator(mode="after")
    def documentation_is_of_somebody(self) -> Self:
        if self.registry_gallring_documentation_days > self.registry_gallring_register_days:
            raise ValueError("documentation cannot be kept longer than the register, which says whom it is about")
        return self
