"""Settings of the reporting service."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import Settings


class ReportingSettings(Settings):
    part: ClassVar[str] = "reporting"

    database_url: str = Field(validation_alias="DATABASE_URL_REPORTING", description="The app role's")
