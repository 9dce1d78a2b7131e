"""Orchestration only: deterministic code without I/O. The services do the work, each on its own task queue."""
