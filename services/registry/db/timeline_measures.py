"""Parts of the timeline (db/timeline.py) that tell of measures, plans, consents and holds.

A step of a measure has a day of its own, and no hour: when it came to us, and from whom, the audit knows.
"""

MEASURES = (
    """
    select a.at, s.kind, m.id::text, s.held_on, a.actor, jsonb_build_object(
        'type', c.type, 'sub_type', c.sub_type, 'owner', c.owner, 'reason', s.reason)
    from measures m
    join measure_catalogue c on c.id = m.catalogue_id
    join audit a on a.youth_id = m.person_id and a.subject = m.id::text
    cross join lateral (values
        ('measure.offer', 'measure_offered', m.offered_on, null),
        ('measure.accept', 'measure_accepted', m.accepted_on, null),
        ('measure.offer_place', 'measure_place_offered', m.place_offered_on, null),
        ('measure.take_place', 'measure_place_taken', m.place_taken_on, null),
        ('measure.decline', 'measure_declined', m.declined_on, null),
        ('measure.start', 'measure_started', m.started_on, null),
        ('measure.end', 'measure_ended', m.ended_on, m.end_reason),
        ('measure.withdraw', 'measure_withdrawn', m.withdrawn_on, m.withdrawal_reason)
    ) as s (action, kind, held_on, reason)
    where m.person_id = $1 and s.action = a.action
    """,
)
PLANS = (
    """
    select recorded_at, 'plan_made', id::text, made_on, recorded_by, '{}'::jsonb
    from documentation.plans where person_id = $1
    """,
    """
    select a.at, 'plan_ended', p.id::text, p.ended_on, a.actor, jsonb_build_object('result', p.result)
    from documentation.plans p join audit a on a.youth_id = p.person_id and a.subject = p.id::text
    where p.person_id = $1 and a.action = 'plan.end'
    """,
)
CONSENTS = (
    """
    select recorded_at, 'consent_given', id::text, given_on, recorded_by, jsonb_build_object(
        'party', party, 'purpose', purpose, 'given_by', given_by, 'until', until)
    from documentation.consents where person_id = $1
    """,
    """
    select withdrawn_at, 'consent_withdrawn', id::text, null, withdrawn_by,
        jsonb_build_object('party', party, 'purpose', purpose)
    from documentation.consents where person_id = $1 and withdrawn_at is not null
    """,
)
HOLDS = (
    """
    select recorded_at, 'hold_placed', id::text, null, recorded_by, jsonb_build_object('until', asked_until)
    from documentation.holds where person_id = $1
    """,
    """
    select ended_at, 'hold_ended', id::text, null, changed_by, jsonb_build_object('reason', end_reason)
    from documentation.holds where person_id = $1 and ended_at is not null
    """,
)
CHANGES = (
    """
    select a.at, s.kind, a.subject || '/' || a.id, null, a.actor, jsonb_build_object('subject', a.subject)
    from audit a join (values
        ('measure.change', 'measure_changed'), ('plan.change', 'plan_changed'), ('hold.extend', 'hold_extended')
    ) as s (action, kind) using (action)
    where a.youth_id = $1
    """,
)
PARTS: tuple[str, ...] = (*MEASURES, *PLANS, *CONSENTS, *HOLDS, *CHANGES)
