insert into youth values ('{youth}', '{episode}', 'farsta', false, {at});
insert into ended_episode values ('{episode}', '{youth}', {at});
insert into message (message_id, youth_id, episode_id, kind, channel, state, code, queued_at, sent_at)
    values ('{message}', '{youth}', '{episode}', 'first_sms', 'sms', 'sent', 'code{tag}', {at}, {at}),
        ('{entry}', '{youth}', '{episode}', 'first_letter', 'letter', 'sent', 'brev{tag}', {at}, {at});
insert into document values
    ('{message}', 'text/plain; charset=utf-8', convert_to('Hej smstext{tag} åäö', 'UTF8'), '+4670{tag}', {at}),
    ('{entry}', 'application/pdf', convert_to('letter{tag}', 'UTF8'), null, {at});
insert into receipt (message_id, provider, status, applied, received_at)
    values ('{message}', 'twilio', 'receipt{tag}', true, {at});
insert into answer values ('{key}', '{message}', 'sms', 'answer{tag}', 'ansphone{tag}', {at});
insert into inbound_sms values ('SM{tag}', '+4670{tag}', 'inbound{tag}', '{message}', {at});
insert into audit (at, actor, role, action, youth_id, why)
    values ({at}, '{staff}', 'kaa_coordinator', 'message.read', '{youth}', 'notewhy{tag}');
