-- migrate:up

-- Which lives of the broker a consumer group has read, per partition (chassis.broker_lives). A record of
-- another life, when the marker of none of these is left, means that the broker was wiped since.
create table consumer_generations (
    consumer text not null,
    topic text not null,
    partition int not null,
    generation uuid not null,
    first_read_at timestamptz not null default now(),
    primary key (consumer, topic, partition, generation)
);

-- migrate:down

drop table consumer_generations;
