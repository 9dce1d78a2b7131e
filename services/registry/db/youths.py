"""Reading youths for the API."""

from services.registry.db.sharing import newest, valid_consents

# The newest contact that a school has is used when the population register has none.
_CONTACT = """
    coalesce(p.phone, (
        select e.phone from person_numbers n join enrolments e on e.person_number = n.number
        where n.person_id = p.id and e.phone is not null order by e.starts_on desc limit 1
    )) as phone
"""
_EMAIL = _CONTACT.replace("phone", "email")
_PERSON = """
select p.id, p.birth_date, p.sex, p.first_name, p.last_name, p.care_of, p.street, p.postal_code, p.city,
    p.district, p.municipality, p.protection <> 'none' as protected, p.merged_into
"""
_LATEST = """
left join lateral (
    select * from episodes where person_id = p.id order by registered_on desc, ended_on is null desc limit 1
) o on true
"""

# $1 after id, $2 limit, $3 covered, $4 words of names, $5 wanted district codes, $6 own district codes,
# $7 sees unprotected, $8 knows of protected, $9 opens protected, $10 reason, $11 end reason, $12 track,
# $13 parties and $14 purposes of the consents by which another board sees (null: it is none), $15 today.
# Filters would tell of a protected youth what is masked, so that a filtered list holds them for their
# handler only; and of one who is seen by consent what it does not cover.
_CONSENTS = valid_consents("$13::text[]", "$14::text[]", "$15::date")
PAGE = f"""
{_PERSON}, o.registered_on, o.reason, o.tracks, o.last_covered_day, o.ended_on, o.end_reason,
    o.id is not null and o.ended_on is null as covered,
    case when $13::text[] is not null and not $7::boolean then ({newest(_CONSENTS, "p.id")}) end as consent_id
from persons p
{_LATEST}
where o.id is not null and p.merged_into is null
    and ($1::uuid is null or p.id > $1)
    and ($3::boolean is null or (o.ended_on is null) = $3)
    and (
        case when p.protection = 'none' then ($6::text[] is null or p.district = any($6)) and (
            $7::boolean
            or ($13::text[] is not null and coalesce($10::text, $11::text, $12::text) is null
                and p.id in (select c.person_id {_CONSENTS}))
        )
        else $9::boolean or ($8::boolean and coalesce($4::text[], $5::text[]) is null
            and coalesce($10::text, $11::text, $12::text) is null) end
    )
    and ($10::text is null or o.reason = $10)
    and ($11::text is null or o.end_reason = $11)
    and ($12::text is null or $12 = any(o.tracks))
    and ($5::text[] is null or p.district = any($5))
    and ($4::text[] is null or not exists (
        select from unnest($4::text[]) as word
        where not (lower(p.first_name) like word or lower(p.last_name) like word)
    ))
order by p.id limit $2
"""  # noqa: S608 - no value is put in
GET = f"""
{_PERSON}, {_CONTACT}, {_EMAIL},
    (select number from person_numbers n where n.person_id = p.id and n.current) as person_number
from persons p where p.id = $1 and p.merged_into is null
"""  # noqa: S608
# What decides how much of a person somebody may see.
EPISODES = """
select id, registered_on, reason, tracks, last_covered_day, ended_on, end_reason, grounds, end_grounds
from episodes where person_id = $1 order by registered_on, ended_on nulls last
"""
BY_NUMBER = """
select p.id from person_numbers n join persons p on p.id = n.person_id
where n.number = $1 and p.merged_into is null
"""
RECIPIENTS = f"""
{_PERSON},
    o.id is not null and o.last_covered_day >= $2 as covered,
    exists (
        select from documentation.holds h where h.person_id = p.id and h.ended_at is null and h.until >= $2
    ) as on_hold
from persons p
left join episodes o on o.person_id = p.id and o.ended_on is null
where p.id = any($1::uuid[]) order by p.id
"""  # noqa: S608 - no value is put in


def like_words(names: str) -> list[str]:
    """Return what each word of a search for a name must match the start of."""
    escaped = names.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return [f"{word}%" for word in escaped.split()]
