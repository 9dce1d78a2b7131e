-- migrate:up

-- When we were told that the duty had ended: what goes out after it is reported. Times are of the register's event.
create table ended_episode (
    episode_id uuid primary key,
    youth_id uuid not null,
    ended_at timestamptz not null
);
create index ended_episode_youth on ended_episode (youth_id);
create index message_episode on message (episode_id);

-- migrate:down

drop index message_episode;
drop table ended_episode;
