"""The catalogue of measures per school year, with how its places are used."""

from services.registry.db.measures import KEPT_STATES

_USE = f"""
    count(m.*) filter (where m.state in ({KEPT_STATES})) as kept,
    count(m.*) filter (where m.state = 'started') as started,
    count(m.*) filter (where m.state = 'waiting') as waiting,
    count(m.*) as used
"""
_VIEW = f"""
select c.*, {_USE} from measure_catalogue c left join measures m on m.catalogue_id = c.id
"""  # noqa: S608 - constants
ONE = f"{_VIEW} where c.id = $1 group by c.id"
# $1 school year, $2 limit, $3 after this id
LIST = f"""
{_VIEW}
where c.school_year = $1 and ($3::uuid is null or c.id > $3)
group by c.id order by c.id limit $2
"""
# Whoever gives or frees a place holds this lock: places are never oversold.
LOCK = "select * from measure_catalogue where id = $1 for no key update"
INSERT = """
insert into measure_catalogue
    (id, school_year, owner, type, sub_type, name, places, version, recorded_at, recorded_by)
values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)
on conflict (id) do nothing returning id
"""
CHANGE = """
update measure_catalogue set school_year = $2, owner = $3, type = $4, sub_type = $5, name = $6, places = $7,
    version = version + 1, changed_at = $8, changed_by = $9
where id = $1
"""
