-- migrate:up

-- What staff must know to do a task: codes of contracts.tasks.TaskMark.
alter table tasks add column marks text[] not null default '{}';

-- migrate:down

alter table tasks drop column marks;
