-- migrate:up

-- Went out although the duty had ended (plan 4.2.2: nothing is to).
alter table messages add column after_end boolean not null default false;
create index messages_after_end on messages (sent_on) where after_end;

-- migrate:down

drop index messages_after_end;
alter table messages drop column after_end;
