"""What staff document about covered youths: one use case, one transaction, with its audit and events."""
