insert into episodes (episode_id, youth_id, registration_reason, registered_on)
    values ('{episode}', '{youth}', 'repreason{tag}', '2026-05-04');
insert into episode_districts values ('{episode}', '2026-05-04', 'repdistrict{tag}');
insert into steps (episode_id, youth_id, step, entered_at) values ('{episode}', '{youth}', 'repstep{tag}', {at});
insert into reached values ('{episode}', '{youth}', 'repway{tag}', {at});
insert into watches values ('{episode}', '{youth}', 'repwatch{tag}', {at}, default, '2026-08-01');
insert into tasks (task_id, episode_id, youth_id, kind, attempt, result)
    values ('{entry}', '{episode}', '{youth}', 'call', 1, 'represult{tag}');
insert into messages (message_id, episode_id, youth_id, kind, channel, skip_reason)
    values ('{message}', '{episode}', '{youth}', 'first_sms', 'sms', 'repskip{tag}');
insert into answers values ('{episode}', '{youth}', 'repanswer{tag}', '{message}', {at});
insert into audit (at, actor, role, action, youth_id, why)
    values ({at}, '{staff}', 'operator', 'dead_letter.replay', '{youth}', 'repwhy{tag}');
