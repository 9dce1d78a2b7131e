"""SQL of a wave's messages."""

# Due one after the other, in real time as all work of sending: no herd for printer and SMS provider.
INSERT = """
insert into message (message_id, youth_id, episode_id, kind, channel, state, code, queued_at, wave_id, due_at)
select m.message_id, m.youth_id, m.episode_id, m.kind, m.channel, 'queued', m.code, $1, $2, now() + m.after
from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::interval[])
     as m (message_id, youth_id, episode_id, kind, channel, code, after)
on conflict (message_id) do nothing
returning message_id, youth_id, episode_id, kind, channel
"""

# A message whose send has begun cannot be recalled: it may be on its way.
RECALLABLE = """
select message_id from message where wave_id = $1 and state = 'queued' and begun_at is null for update
"""

TOO_LATE = """
select count(*) from message
where wave_id = $1 and (state in ('sent', 'delivered') or (state = 'queued' and begun_at is not null))
"""

RECALLED = "select count(*) from message where wave_id = $1 and skip_reason = 'wave_stopped'"

COUNTS = """
select channel, state, skip_reason, count(*) as n from message where wave_id = $1 group by 1, 2, 3
"""
