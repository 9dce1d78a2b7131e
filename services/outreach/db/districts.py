"""SQL of a district on hold."""

# Whose search goes on by itself, or will before the hold ends ($3); $2 the steps of a search. In the order of the
# primary key, after ($4, $5). Whoever is protected has no district, and nothing automatic.
SOUGHT = """
select youth_id, episode_id, step from journeys
where district = $1 and ended_at is null and not protected
    and (step = any($2::text[]) or (step = 'watch' and (due at time zone 'Europe/Stockholm')::date <= $3))
    and (youth_id, episode_id) > ($4, $5)
order by youth_id, episode_id limit $6
"""
# Who waits, for whatever reason: the workflow knows by whose hold, and takes no notice of another's end.
WAITING = """
select youth_id, episode_id, step from journeys
where district = $1 and ended_at is null and step = 'on_hold' and (youth_id, episode_id) > ($2, $3)
order by youth_id, episode_id limit $4
"""
DISTRICTS = "select distinct district from journeys where ended_at is null and district is not null order by 1"
