"""WHAT staff do: human tasks, who takes them and what came of them; events to signals, decisions to updates."""
