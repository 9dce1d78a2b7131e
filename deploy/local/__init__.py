"""The whole system on one machine: embedded PostgreSQL, broker and Temporal, and our own processes.

`python -m deploy.local --help`, or `make help`. Why it is built like this: docs/adr/0004-embedded-parts.md.
"""
