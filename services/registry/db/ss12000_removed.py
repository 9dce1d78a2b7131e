"""Servers that the settings do not name any more ($1: those that they name), and the end of what they told."""

_STANDING = """
(
    select count(*) from enrolments e
    where e.source = 'schools' and e.feed = 'ss12000:' || s.server and e.known_until is null
)
"""
REMOVED = f"""
select s.server, {_STANDING} as standing from ss12000_servers s where s.server <> all($1::text[]) order by 1
"""  # noqa: S608 - a constant
# Released by a person since it was removed: the attention of an earlier removal is closed.
TO_FORGET = f"""
select s.server from ss12000_servers s
where s.server <> all($1::text[])
    and ({_STANDING} = 0 or exists (
        select from attentions a
        where a.source = 'ss12000:' || s.server and a.reason = 'removed' and a.closed_at is null
            and a.released_at is not null
    ))
"""  # noqa: S608
# $1: feeds; $2: now.
CLOSE = """
with closed as (
    update enrolments set known_until = $2
    where source = 'schools' and feed = any($1::text[]) and known_until is null
    returning person_number
)
insert into affected select n.person_id from closed join person_numbers n on n.number = closed.person_number
"""
DELETE_ROWS = "delete from ss12000_rows where server = any($1::text[])"
DELETE_SERVERS = "delete from ss12000_servers where server = any($1::text[])"
