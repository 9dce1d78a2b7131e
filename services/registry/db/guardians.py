"""Guardians of youths under 18. Whoever asks says whether the youth still is: nothing is answered else."""

from services.registry.db.kept import Table

GUARDIANS = Table(
    "documentation.guardians", ("first_name", "last_name", "relation", "source", "valid_from", "valid_until")
)
LIST = "select * from documentation.guardians where person_id = $1 order by valid_from desc, id"
GET = "select * from documentation.guardians where person_id = $1 and id = $2"
# Locked, so that the youth is the same person until a contact point of the guardian is written.
IS_OF = "select true from documentation.guardians where person_id = $1 and id = $2 for share"
