"""Gallring in reporting: the facts stay, of nobody. Figures about the past must not change.

A deleted youth's facts get random ids in place of the youth's, the episodes', the tasks' and the messages', so
that what happened to one youth still counts as one youth, and no other record leads to it (docs/gallring.md).
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from chassis.forgetting import forget_youths
from chassis.postgres import Connection

OF_YOUTH = ("episodes", "steps", "reached", "watches", "tasks", "messages", "answers")
OF_EPISODE = (*OF_YOUTH, "episode_districts")
EPISODES = " union ".join(f"select episode_id from {table} where youth_id = $1" for table in OF_YOUTH)  # noqa: S608
TASKS = "update tasks set task_id = gen_random_uuid() where youth_id = $1"
MESSAGES = "select message_id from messages where youth_id = $1"
RENAME = """
update {table} t set {column} = f.fresh
from unnest($1::uuid[], $2::uuid[]) as f (id, fresh) where t.{column} = f.id
"""


async def forget(conn: Connection, youth_id: UUID) -> None:
    """Make a youth's facts those of nobody, in the inbox's transaction."""
    episodes = [row["episode_id"] for row in await conn.fetch(EPISODES, youth_id)]
    messages = [row["message_id"] for row in await conn.fetch(MESSAGES, youth_id)]
    await conn.execute(TASKS, youth_id)
    await _rename(conn, "message_id", ("messages", "answers"), messages)
    await _rename(conn, "episode_id", OF_EPISODE, episodes)
    await _rename(conn, "youth_id", OF_YOUTH, [youth_id])
    await forget_youths(conn, [youth_id])


async def _rename(conn: Connection, column: str, tables: Sequence[str], ids: Sequence[UUID]) -> None:
    """Give ids in a column the same fresh ones in all tables."""
    fresh = [uuid4() for _ in ids]
    for table in tables:
        await conn.execute(RENAME.format(table=table, column=column), ids, fresh)
