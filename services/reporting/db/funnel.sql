-- The funnel: every figure's one definition. docs/events.md and GET /funnel describe them in words.
--
-- $1, $2: first and last day of the period, both included.
-- Rows: district (code on the day it was registered; null: protected or unknown), figure, part, n.
-- Figures about youths count unique youths, each in one district only, so that districts add up.
with

-- Covered: the duty held on at least one day of the period. The day it ended counts. Where the register
-- has not told the end (yet), the outreach's word counts, and the 20th birthday ends it in any case.
-- Who was registered in error was never covered.
covered_episodes as (
    select e.episode_id, e.youth_id, e.registered_on, e.search_started_on, e.start_breached_on,
           coalesce(e.ended_on, e.outreach_ended_on) as ended_on,
           coalesce(e.end_reason, e.outreach_end_reason) as end_reason
    from episodes e
    where e.registered_on <= $2
      and coalesce(e.ended_on, e.outreach_ended_on, e.last_covered_day) >= $1
      and coalesce(e.end_reason, e.outreach_end_reason) is distinct from 'registered_in_error'
),

-- One row per youth: their latest period of duty, and the district in which they were last in the period.
youths as (
    select distinct on (c.youth_id) c.youth_id, c.ended_on, c.end_reason, d.district
    from covered_episodes c
    left join lateral (
        select district from episode_districts
        where episode_id = c.episode_id and since <= $2
        order by since desc limit 1
    ) d on true
    order by c.youth_id, c.registered_on desc, c.episode_id
),

-- An answer that names no message is an answer to the latest SMS, if it came by SMS.
answered_messages as (
    select distinct coalesce(
        a.message_id,
        (select m.message_id from messages m
         where a.channel = 'sms' and m.channel = 'sms'
           and m.episode_id = a.episode_id and m.sent_at <= a.answered_at
         order by m.sent_at desc, m.message_id limit 1)
    ) as message_id
    from answers a
),

-- An effort: a letter, SMS or door card handed over; a call made (a wrong number is none); a visit
-- carried out. Answered: the youth answered this message, spoke on the phone, or was met at the door.
efforts as (
    select m.youth_id, m.kind as type, m.failed_at is not null as failed, a.message_id is not null as answered
    from messages m
    left join answered_messages a using (message_id)
    where m.sent_on between $1 and $2
    union all
    select t.youth_id, t.kind, false, t.result in ('reached', 'declined', 'guardian_reached')
    from tasks t
    where t.completed_on between $1 and $2
      and t.kind in ('call', 'home_visit')
      and t.result not in ('wrong_number', 'called_off')
),

-- Sought: the search began, or an effort was made, in the period.
sought as (
    select youth_id from efforts
    union
    select youth_id from covered_episodes where search_started_on between $1 and $2
),

-- Reached, by the first way in the period, so that the ways add up to the reached.
reached_youths as (
    select distinct on (youth_id) youth_id, way
    from reached
    where reached_on between $1 and $2
    order by youth_id, reached_at, way
),

-- How long a youth stood in a step: until the next one.
stays as (
    select youth_id, episode_id, step, entered_on,
           lead(entered_on) over (partition by episode_id order by entered_at, seq) as left_on
    from steps
),
stays_in_period as (
    select * from stays
    where step in ('support', 'watch')
      and entered_on <= $2 and (left_on is null or left_on >= $1)
      and exists (select from covered_episodes c where c.episode_id = stays.episode_id)
),

-- In support: on at least one day of the period.
in_support as (
    select distinct youth_id from stays_in_period where step = 'support'
),

-- Under watch: on at least one day of the period, by the latest reason.
under_watch as (
    select distinct on (s.youth_id) s.youth_id, w.reason
    from stays_in_period s
    left join watches w on w.episode_id = s.episode_id and w.started_on <= $2
    where s.step = 'watch'
    order by s.youth_id, w.started_at desc nulls last
),

counted as (
    select y.district, 'covered' as figure, null as part, count(*) as n
    from youths y group by 1
    union all
    select y.district, 'sought', null, count(*)
    from youths y join sought using (youth_id) group by 1
    union all
    -- Late: the month within which the search must begin ran out in the period.
    select y.district, 'start_breaches', null, count(distinct c.youth_id)
    from youths y join covered_episodes c using (youth_id)
    where c.start_breached_on between $1 and $2 group by 1
    union all
    select y.district, 'reached', r.way, count(*)
    from youths y join reached_youths r using (youth_id) group by 1, 3
    union all
    select y.district, 'in_support', null, count(*)
    from youths y join in_support using (youth_id) group by 1
    union all
    select y.district, 'under_watch', coalesce(w.reason, 'unknown'), count(*)
    from youths y join under_watch w using (youth_id) group by 1, 3
    union all
    -- Ended: the latest period of duty ended in the period, by its reason.
    select y.district, 'ended', y.end_reason, count(*)
    from youths y where y.ended_on between $1 and $2 group by 1, 3
    union all
    -- Sent after the end: the duty may have ended before the period, so not of the covered only.
    select y.district, 'sent_after_end', null, count(*)
    from messages m left join youths y using (youth_id)
    where m.after_end and m.sent_on between $1 and $2 group by 1
    union all
    select e.district, f.figure, e.type, f.n
    from (
        select y.district, e.type, count(*) as made, count(distinct e.youth_id) as youths,
               count(*) filter (where e.answered) as answered, count(*) filter (where e.failed) as failed
        from youths y join efforts e using (youth_id) group by 1, 2
    ) e,
    lateral (values
        ('efforts_made', e.made), ('efforts_youths', e.youths),
        ('efforts_answered', e.answered), ('efforts_failed', e.failed)
    ) f (figure, n)
)

select district, figure, part, n from counted order by district nulls last, figure, part;
