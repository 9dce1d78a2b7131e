"""Settings: after how many days without news a source is stale."""

from pydantic import BaseModel, ConfigDict, Field


class StaleAfter(BaseModel):
    """Days. Runs are made on weekdays, so that a long weekend must not be too long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    population: int = Field(default=7, ge=1)
    placements: int = Field(default=7, ge=1)
    schools: int = Field(default=7, ge=1)
    exams: int = Field(default=200, ge=1)  # told at the ends of terms
    navet: int = Field(default=14, ge=1)
    ss12000: int = Field(default=7, ge=1)

    def of(self, source: str) -> int:
        """Return the days of a source; ``ss12000:<server>`` is one of SS 12000's."""
        days: int = getattr(self, source.partition(":")[0])
        return days
