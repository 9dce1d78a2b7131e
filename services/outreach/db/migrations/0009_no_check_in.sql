-- migrate:up

-- Nobody has checked in, the policy's time after the visit began: an alarm of its own, beside the one of who does
-- not check out.
alter table visits add column missed_at timestamptz, add column missed_alarm_id uuid;
alter table visits add constraint visits_missed check ((missed_at is null) = (missed_alarm_id is null));
create index visits_missed on visits (starts_at)
    where state = 'booked' and checked_in_at is null and missed_at is null;

-- migrate:down

drop index visits_missed;
alter table visits drop constraint visits_missed, drop column missed_alarm_id, drop column missed_at;
