"""SQL of staff's decisions and their answers, by idempotency key."""

FIND = """
select actor, request, answer, refusal from decisions where youth_id = $1 and decision_key = $2
"""

ASK = """
insert into decisions (youth_id, decision_key, actor, role, request, asked_at) values ($1, $2, $3, $4, $5, $6)
"""

# By the service itself: several workers may ask at once for the same.
ASK_ONCE = ASK.rstrip() + " on conflict do nothing"

# In the transition's own transaction: whoever asks again finds the answer, whatever became of the workflow.
ANSWER_WITH_TRANSITION = """
update decisions set answer = coalesce(answer, $3), refusal = null
where youth_id = $1 and decision_key = $2
returning actor, role, request
"""

# The first answer stands.
ANSWER = """
update decisions set answer = $3
where youth_id = $1 and decision_key = $2 and answer is null and refusal is null
"""

REFUSE = """
update decisions set refusal = $3
where youth_id = $1 and decision_key = $2 and answer is null and refusal is null
"""
