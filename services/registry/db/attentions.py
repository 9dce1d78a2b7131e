"""What about sources must be looked at, and how each source is, in SQL."""

from chassis.postgres import Connection
from services.registry.domain.attention import Attention, Seen

# How a run found the sources: $1. $2 servers that are read; null: nobody can tell which, all that are known.
SEEN = """
select source, file_date as newest, held, null::text as failed from source_loads where run_id = $1
union all
select 'ss12000:' || server, (read_at at time zone 'Europe/Stockholm')::date, held, failed
from ss12000_servers where $2::text[] is null or server = any($2)
order by 1
"""
# What a cut file lacks has been told when the same file has come whole, or an extract of a later day.
SEEN_NAVET = """
select max(file_date) as newest, max(file_date) filter (
    where cut
        and not exists (
            select from navet_files w
            where w.file_name = n.file_name and not w.cut and w.applied_at >= n.applied_at
        )
        and not exists (
            select from source_loads l join sync_runs r using (run_id)
            where l.source = 'population' and l.held is null and l.file_date > n.file_date
                and (r.state = 'done' or r.run_id = $1)
        )
) as cut_on
from navet_files n
"""
STANDING = "select id, source, reason from attentions where closed_at is null"
CLOSE = "update attentions set closed_at = $2, closed_by = $3 where id = any($1::uuid[])"
OPEN = """
insert into attentions (source, reason, detail, opened_at, opened_by, seen_at)
values ($1, $2, $3, $4, $5, $4)
on conflict (source, reason) where closed_at is null
    do update set detail = excluded.detail, seen_at = excluded.seen_at
"""
# What waits for people to decide is no row here: the run of gallring itself says so, for as long as it waits.
_ALL = """
select id, source, reason, detail, opened_at, seen_at, closed_at, released_at, released_run from attentions
union all
select id, 'gallring', case when workflow_id is not null and reviewed_by is null then 'review' else 'approval' end,
    (select count(*) from gallring_youths where run_id = gallring_runs.id and outcome is null)
        || ' persons would be deleted. '
        || case
            when workflow_id is null then proposed_by || ' proposed it: another person approves.'
            when reviewed_by is null then 'It was proposed by itself: a person reviews it, then another approves.'
            else reviewed_by || ' stands for it: another person approves.'
        end,
    coalesce(reviewed_at, proposed_at), coalesce(reviewed_at, proposed_at), null, null, null
from gallring_runs where state = 'proposed'
"""
# $1, $2 before; $3 limit; $4 open; $5 of these sources only (null: of all).
PAGE = f"""
select * from ({_ALL}) a
where ($1::timestamptz is null or (opened_at, id) < ($1, $2)) and ($4::boolean is null or (closed_at is null) = $4)
    and ($5::text is null or source = $5)
order by opened_at desc, id desc limit $3
"""  # noqa: S608 - a constant
GET = """
select a.*, r.state as release_state
from attentions a left join sync_runs r on r.run_id = a.released_run
where a.id = $1
"""
RELEASE = "update attentions set released_at = $2, released_by = $3, released_run = $4 where id = $1"

# How each source is. Of files: the last run that is done, and the last one in which the source was good.
FILES = """
select s.source, l.run_id, l.finished_at as read_at, l.file_name, l.file_date as newest, l.read, l.rejected,
    l.accepted, l.held, g.run_id as good_run, g.finished_at as good_at, g.accepted as good_accepted
from unnest($1::text[]) with ordinality as s (source, place)
left join lateral (
    select * from source_loads join sync_runs using (run_id)
    where source = s.source and state = 'done' order by started_at desc limit 1
) l on true
left join lateral (
    select * from source_loads join sync_runs using (run_id)
    where source = s.source and state = 'done' and held is null order by started_at desc limit 1
) g on true
order by s.place
"""
NAVET = """
select run_id, applied_at as read_at, file_name, file_date as newest, posts as read, rejected, accepted, cut
from navet_files order by file_date desc, applied_at desc limit 1
"""
SERVERS = """
select server, read_at, (read_at at time zone 'Europe/Stockholm')::date as newest, counts, failed, failed_at, held,
    whole_on
from ss12000_servers order by server
"""
REPORTS = """
select max(recorded_at) as read_at, max(received_on) as newest,
    count(*) filter (where recorded_at > $1::timestamptz - interval '30 days') as accepted
from school_reports
"""
MANUAL = """
select max(recorded_at) as read_at, max(known_on) as newest,
    count(*) filter (where recorded_at > $1::timestamptz - interval '30 days') as accepted
from manual_entries where withdrawn_at is null
"""
OPEN_REASONS = "select source, reason from attentions where closed_at is null order by source, reason"


async def seen(
    conn: Connection, run_id: object, servers: list[str] | None, navet_failed: str | None
) -> list[Seen]:
    """Return how a run found each source. ``navet_failed``: why a file of Navet's was passed over."""
    rows = await conn.fetch(SEEN, run_id, servers)
    navet = await conn.fetchrow(SEEN_NAVET, run_id)
    cut_on = None if navet is None else navet["cut_on"]
    return [
        *(Seen(row["source"], row["newest"], held=row["held"], failed=row["failed"]) for row in rows),
        Seen(
            "navet",
            None if navet is None else navet["newest"],
            held=None if cut_on is None else f"The file of {cut_on} has been cut: send it again, whole.",
            failed=navet_failed,
        ),
    ]


def rows(found: list[Attention], at: object, run_id: object) -> list[tuple[object, ...]]:
    return [(one.source, one.reason, one.detail, at, run_id) for one in found]
