"""SQL of the notifications service. Each module is the statements of one concern."""
