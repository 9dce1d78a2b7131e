"""What the registry's events mean here: who may see a youth's messages, which are recalled, whose are deleted."""

from datetime import datetime
from uuid import UUID

from chassis.incoming import Incoming
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.documentation_events import HoldPlaced
from contracts.events import REGISTRY_YOUTH, CoverageEnded, YouthChanged, YouthRegistered
from contracts.messages import SkipReason
from services.notifications import after_end, forgetting, transitions

GROUP = "notifications"
TOPICS = (REGISTRY_YOUTH, REGISTRY_DOCUMENTATION)

KNOW = """
insert into youth (youth_id, episode_id, district, protected, as_of)
values ($1, $2, $3, $4, $5)
on conflict (youth_id) do update
set episode_id = excluded.episode_id, district = excluded.district, protected = excluded.protected,
    as_of = excluded.as_of
where youth.as_of <= excluded.as_of
"""
# A message whose send has begun cannot be recalled: it may be on its way.
OF_EPISODE = """
select message_id from message where episode_id = $1 and state = 'queued' and begun_at is null for update
"""
OF_YOUTH = """
select message_id from message
where youth_id = $1 and state = 'queued' and begun_at is null and queued_at <= $2 for update
"""


class RegistryEvents:
    """Handles the registry's events in the inbox's transaction."""

    def __init__(self, settings: Settings) -> None:
        self._clock = settings.clock

    async def __call__(self, conn: Connection, event: Incoming) -> None:
        if event.type == YouthRegistered.type:
            registered = YouthRegistered.model_validate_json(event.data)
            await _know(conn, registered, event.time)
            await self._recall_protected(conn, registered, event.time)
        elif event.type == YouthChanged.type:
            changed = YouthChanged.model_validate_json(event.data)
            await _know(conn, changed, event.time)
            await self._recall_protected(conn, changed, event.time)
        elif event.type == CoverageEnded.type:
            ended = CoverageEnded.model_validate_json(event.data)
            await after_end.note_end(conn, ended, event.time)
            rows = await conn.fetch(OF_EPISODE, ended.episode_id)
            await self._recall(conn, [row["message_id"] for row in rows], SkipReason.NOT_COVERED)
        elif event.type == HoldPlaced.type:
            # What is queued meanwhile, or later, the registry decides on at the moment of sending.
            held = HoldPlaced.model_validate_json(event.data)
            rows = await conn.fetch(OF_EPISODE, held.episode_id)
            await self._recall(conn, [row["message_id"] for row in rows], SkipReason.ON_HOLD)
        elif event.type in forgetting.TYPES:
            await forgetting.forget(conn, event.key, event.event_id, event.time)

    async def _recall_protected(
        self, conn: Connection, data: YouthRegistered | YouthChanged, at: datetime
    ) -> None:
        """Recall what was queued before the marking; what is queued later, the registry decides on."""
        if data.protected:
            rows = await conn.fetch(OF_YOUTH, data.youth_id, at)
            await self._recall(conn, [row["message_id"] for row in rows], SkipReason.PROTECTED)

    async def _recall(self, conn: Connection, message_ids: list[UUID], reason: SkipReason) -> None:
        if message_ids:
            await transitions.skipped(conn, dict.fromkeys(message_ids, reason), self._clock.now())


async def _know(conn: Connection, data: YouthRegistered | YouthChanged, at: datetime) -> None:
    await conn.execute(KNOW, data.youth_id, data.episode_id, data.district, data.protected, at)
