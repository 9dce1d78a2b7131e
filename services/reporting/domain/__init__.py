"""Pure rules of the reporting service: no I/O."""
