-- migrate:up

-- Why and since when a youth is covered is asked of past knowledge too: the index held only what is known at present.
drop index coverage_periods_person;
create index coverage_periods_person on coverage_periods (person_id);

-- migrate:down

drop index coverage_periods_person;
create index coverage_periods_person on coverage_periods (person_id) where known_until is null;
