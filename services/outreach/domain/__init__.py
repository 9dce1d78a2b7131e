"""Pure decisions of the outreach service: no I/O."""
