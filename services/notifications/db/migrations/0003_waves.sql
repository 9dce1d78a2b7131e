-- migrate:up

-- The large mailing that a message is of, if any (docs/waves.md).
alter table message add column wave_id uuid;
create index message_wave on message (wave_id, state) where wave_id is not null;

-- migrate:down

drop index message_wave;
alter table message drop column wave_id;
