"""Use cases of gallring (docs/gallring.md): propose, approve by a second person, delete."""
