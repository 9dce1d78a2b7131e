"""What two services may know about each other: ids, events, task kinds, outcomes, reasons, policy.

Nothing here does I/O; workflows import from here as pass-through modules.
"""
