"""What youths do (sysselsättning), who told, and the event of it.

The codes of the national file are not known here [?]: the report's layout maps ours to them, per period.
None of ours says anything of health (förordning 2006:39, 5 §): whoever is on sick leave or at home with a
child has an occupation that is ``other`` or none.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.event import DistrictCode, Event
from contracts.tasks import Occupation


class OccupationCode(StrEnum):
    """Education, work, other service or activity (förordning 2006:39, 4 § 2)."""

    WORK = "work"
    PRACTICE = "practice"  # praktik, also within a labour market programme
    KOMVUX = "komvux"  # municipal adult education other than SFI
    SFI = "sfi"  # Swedish for immigrants
    FOLK_HIGH_SCHOOL = "folk_high_school"  # folkhögskola
    STUDIES_ABROAD = "studies_abroad"
    OTHER_STUDIES = "other_studies"
    UPPER_SECONDARY = "upper_secondary"  # to come, or after a measure: it ends the duty
    MILITARY_SERVICE = "military_service"  # värnplikt
    OTHER = "other"
    NONE = "none"  # known to have none
    UNKNOWN = "unknown"  # asked about, and nobody could tell


CATEGORY: Mapping[OccupationCode, Occupation] = {
    OccupationCode.WORK: Occupation.WORK,
    OccupationCode.PRACTICE: Occupation.OTHER,
    OccupationCode.KOMVUX: Occupation.STUDIES,
    OccupationCode.SFI: Occupation.STUDIES,
    OccupationCode.FOLK_HIGH_SCHOOL: Occupation.STUDIES,
    OccupationCode.STUDIES_ABROAD: Occupation.STUDIES,
    OccupationCode.OTHER_STUDIES: Occupation.STUDIES,
    OccupationCode.UPPER_SECONDARY: Occupation.STUDIES,
    OccupationCode.MILITARY_SERVICE: Occupation.OTHER,
    OccupationCode.OTHER: Occupation.OTHER,
    OccupationCode.NONE: Occupation.NONE,
    OccupationCode.UNKNOWN: Occupation.UNKNOWN,
}


class KnowledgeSource(StrEnum):
    """From whom an occupation is known (SCB: KallKann)."""

    YOUTH = "youth"
    GUARDIAN = "guardian"
    SCHOOL = "school"
    EMPLOYER = "employer"
    OWN_ADMINISTRATION = "own_administration"  # Jobbtorg, Aim, Skolslussen: the municipality's own services
    OTHER_AUTHORITY = "other_authority"
    REGISTER = "register"  # another authority's register, matched


class OccupationRecorded(Event):
    """Somebody recorded what a youth does, did or will do. Comes again with all codes when that is corrected."""

    type = "se.uppsok.registry.occupation-recorded.v1"
    topic = REGISTRY_DOCUMENTATION

    occupation_id: UUID
    district: DistrictCode | None = Field(description="Where the youth lives; null when protected or unknown")
    occupation: OccupationCode
    starts_on: date | None = Field(description="null: not known, but no later than known_on")
    ends_on: date | None = Field(description="The last day; null: goes on, as far as is known")
    knowledge_source: KnowledgeSource
    known_on: date
    withdrawn: bool = Field(description="It was recorded in error, and counts for nothing")
