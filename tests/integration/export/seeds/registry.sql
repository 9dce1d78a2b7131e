insert into sync_runs (run_id, as_of, requested_by, state, started_at)
    values ('{run}', '2026-05-04', '{staff}', 'done', {at});
insert into persons (id, birth_date, sex, first_name, last_name, care_of, street, postal_code, city, phone, email,
        district, municipality, status, protection, protection_in_feed, file_date, first_seen_at)
    values ('{youth}', '{born}', 'woman', 'Förnamn{tag}', 'Efternamn{tag}', 'careof{tag}', 'Gatan{tag} 1',
        '12345', 'Orten{tag}', '+4670{tag}', 'mejl{tag}@example.org', 'farsta', '0180', 'active',
        '{protection}', false, '2026-05-04', {at});
insert into person_numbers values ('{number}', '{youth}', true, '2026-05-04');
insert into population_statements (person_id, file_date, municipality, status, absent, known_from)
    values ('{youth}', '2026-05-04', 'said{tag}', 'active', false, {at});
insert into conflicts (person_id, kind, sources, said, rule, opened_at, opened_by)
    values ('{youth}', 'ends_differ', array['schools'], '["conflict{tag}"]', 'latest_end_counts', {at}, '{run}');
insert into navet_persons (person_id, told_on, line_2) values ('{youth}', '2026-05-04', 'navet{tag}');
insert into episodes (id, person_id, municipality, registered_on, reason, tracks, district, protected,
        last_covered_day, grounds, opened_by)
    values ('{episode}', '{youth}', '0180', '2026-05-04', 'reason{tag}', '{}', 'farsta', false, '2028-01-01',
        '[]', '{run}');
insert into coverage_periods (person_id, starts_on, ends_on, district, known_from)
    values ('{youth}', '2026-05-04', '2028-01-02', 'period{tag}', {at});
insert into enrolments (source, person_number, school_unit, kind, starts_on, file_date, known_from)
    values ('schools', '{number}', 'unit{tag}', 'national', '2025-08-18', '2026-05-04', {at});
insert into exams (person_number, kind, issued_on, file_date, known_from)
    values ('{number}', 'exam{tag}', '2025-06-10', '2026-05-04', {at});
insert into manual_entries (id, person_number, fact, kind, on_day, reason, told_by, known_on, note, version,
        recorded_at, recorded_by)
    values ('{key}', '{number}', 'exam', 'foreign', '2025-06-10', 'document_shown', 'youth', '2026-05-04',
        'note{tag}', 1, {at}, '{staff}');
insert into enrolment_denials (feed, person_number, school_unit, file_date, known_from)
    values ('manual:{key}', '{number}', 'denied{tag}', '2026-05-04', {at});
insert into ss12000_servers (server) values ('server{tag}');
insert into ss12000_rows values ('server{tag}', '{entity}', '{number}', '12345678', 'national', '2025-08-18');
insert into ss12000_rejects (run_id, server, entity, row, entity_id, field, reason, kept)
    values ('{run}', 'server{tag}', 'placements', 1, '{entity}', 'rejected{tag}', 'missing', true);
insert into school_reports (id, person_id, person_number, school_unit, kind, event_date, reported_by, channel,
        received_on, first_told_on, recorded_at, recorded_by, matched_at)
    values ('{report}', '{youth}', '{number}', '12345678', 'dropout', '2026-04-01', 'reporter{tag}', 'api',
        '2026-04-02', '2026-04-02', {at}, '{staff}', {at});
insert into school_report_requests values ('{key}', '{report}', 'request{tag}', {at});
insert into waiting_school_reports values ('{report}', '{number}', '2026-08-01');
insert into occupations (id, person_id, code, knowledge_source, known_on, version, recorded_at, recorded_by)
    values ('{key}', '{youth}', 'occupation{tag}', 'youth', '2026-05-04', 1, {at}, '{staff}');
insert into measure_catalogue (id, school_year, owner, type, name, version, recorded_at, recorded_by)
    values ('{entry}', '2026/27', 'amn', 'practice', 'catalogue{tag}', 1, {at}, '{staff}');
insert into measures (id, person_id, episode_id, catalogue_id, state, offered_on, occupation_before, follows_up,
        version, recorded_at, recorded_by)
    values ('{key}', '{youth}', '{episode}', '{entry}', 'offered', '2026-05-04', 'before{tag}', '{staff}',
        1, {at}, '{staff}');
insert into documentation.guardians (id, person_id, first_name, last_name, relation, source, valid_from, version,
        recorded_at, recorded_by)
    values ('{entry}', '{youth}', 'guardian{tag}', 'vnamn{tag}', 'parent', 'staff', '2026-05-04', 1, {at}, '{staff}');
insert into documentation.contact_points (id, person_id, guardian_id, kind, value, source, valid_from, version,
        recorded_at, recorded_by)
    values ('{key}', '{youth}', null, 'account', 'account{tag}', 'youth', '2026-05-04', 1, {at}, '{staff}'),
        ('{entry}', '{youth}', '{entry}', 'phone', 'vtel{tag}', 'youth', '2026-05-04', 1, {at}, '{staff}');
insert into documentation.plans (id, person_id, episode_id, goal, made_on, version, recorded_at, recorded_by)
    values ('{plan}', '{youth}', '{episode}', 'goal{tag}', '2026-05-04', 1, {at}, '{staff}');
insert into documentation.plan_efforts (plan_id, id, place, answers_for, content, planned_start)
    values ('{plan}', '{key}', 1, 'youth', 'effort{tag}', '2026-05-04');
insert into documentation.plan_follow_ups values ('{plan}', '{key}', '2026-06-04');
insert into documentation.consents (id, person_id, episode_id, party, purpose, given_by, given_on, version,
        recorded_at, recorded_by)
    values ('{key}', '{youth}', '{episode}', 'party{tag}', 'hold', 'youth', '2026-05-04', 1, {at}, '{staff}');
insert into documentation.holds (id, person_id, episode_id, consent_id, placed_on, asked_until, until, ended_at,
        end_reason, version, recorded_at, recorded_by)
    values ('{key}', '{youth}', '{episode}', '{key}', '2026-05-04', '2026-06-04', '2026-06-04', {at},
        'hold{tag}', 1, {at}, '{staff}');
insert into outbox (event_id, topic, key, type, time, data)
    values ('{key}', 'registry.youth.v1', '{youth}', 'event{tag}', {at}, '{}');
insert into audit (at, actor, role, action, youth_id, why)
    values ({at}, '{staff}', 'local_coordinator', 'youth.read', '{youth}', 'regwhy{tag}');
insert into gallring_runs (id, state, register_before, documentation_before, never_covered_before, proposed_at,
        proposed_by, ended_at)
    values ('{key}', 'withdrawn', '2026-05-04', '2026-05-04', '2026-05-04', {at}, '{staff}', {at});
insert into gallring_youths values ('{key}', '{youth}', 'register', 'left_out', 'leftout{tag}', {at});
