"""What every event is: data of one youth, of ids and codes only."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import StringConstraints

from contracts.base import EventData

# The only strings an event may hold: codes, so narrow that no personnummer, address or sentence fits.
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
DistrictCode = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
ResultCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]


class Event(EventData):
    """Data of one event type. Subclasses set ``type`` and ``topic``."""

    type: ClassVar[str]
    topic: ClassVar[str]

    youth_id: UUID
    episode_id: UUID
