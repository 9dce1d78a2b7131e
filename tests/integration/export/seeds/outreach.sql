insert into journeys (youth_id, episode_id, registered_on, step, policy_version)
    values ('{youth}', '{episode}', '2026-05-04', 'journey{tag}', 'v1');
insert into transitions (progress_id, youth_id, episode_id, step, at)
    values ('{key}', '{youth}', '{episode}', 'transition{tag}', {at});
insert into tasks (task_id, youth_id, episode_id, kind, task_group, attempt, due_on, staff, state, opened_at,
        completed_by, closed_at, outcome)
    values ('{entry}', '{youth}', '{episode}', 'plan_home_visit', 'coordinators', 1, '2026-05-10',
        '{{staff}}', 'completed', {at}, '{staff}', {at},
        '{"result": "outcome{tag}", "staff": ["{staff}"]}');
insert into task_history (task_id, at, event, actor) values ('{entry}', {at}, 'opened', '{staff}');
insert into early_closures (task_id, state, outcome, by, at)
    values ('{entry}', 'completed', '{"result": "early{tag}"}', '{staff}', {at});
insert into visits (task_id, youth_id, episode_id, staff, starts_at, ends_at, state, checked_in_at, checked_in_by,
        check_out_by, checked_out_at, checked_out_by)
    values ('{entry}', '{youth}', '{episode}', '{{staff},another}', {at}, {at}::timestamptz + interval '1 hour', 'done',
        {at}, '{staff}', {at}, {at}, '{staff}');
insert into calendar (staff_id, during, youth_id, task_id)
    values ('{staff}{key}', tstzrange({at}, {at}::timestamptz + interval '1 hour'), '{youth}', '{entry}');
insert into decisions (youth_id, decision_key, actor, role, request, asked_at)
    values ('{youth}', 'key{key}', '{staff}', 'local_coordinator',
        '{"outcome": {"result": "decision{tag}", "staff": ["{staff}"]}}', {at});
insert into handover_consents (consent_id, youth_id, party, given_at)
    values ('{key}', '{youth}', 'party{tag}', {at});
insert into waves (wave_id, state, pace, policy_version, begins, created_at, created_by, changed_at)
    values ('{key}', 'preview', '{}', 'v1', {at}, {at}, '{staff}', {at});
insert into wave_youths (wave_id, youth_id, episode_id, place, excluded)
    values ('{key}', '{youth}', '{episode}', 1, 'new');
insert into dead_letters (consumer, event_id, topic, partition, "offset", key, type, time, data, cause)
    values ('c', '{key}', 't', 0, 0, '{youth}', 'x', {at}, convert_to('dead{tag}', 'UTF8'), 'parked');
insert into audit (at, actor, role, action, youth_id, why)
    values ({at}, '{staff}', 'special_handler', 'journey.read', '{youth}', 'outwhy{tag}');
