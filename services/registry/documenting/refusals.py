"""Refusals that several use cases share."""

from chassis.problems import Problem


def id_taken() -> Problem:
    """Return the 409 Problem for an id that the caller chose and that stands for something else."""
    return Problem(409, "id-taken", "The id is in use already", "Choose a new UUID for what is new.")
