"""What an operator does to many youths at once, each a command with a dry run (docs/operations.md)."""
