"""SQL of dead letters (the chassis owns the table)."""

PAGE = """
select id, consumer, event_id, topic, partition, "offset", key, type, time, cause from dead_letters
where resolved_at is null and id > $1 order by id limit $2
"""

CONSUMERS_OF = """
select distinct consumer from dead_letters where key = $1 and resolved_at is null order by consumer
"""
