"""A sample municipality: register extracts of people who do not exist, deterministic by seed."""
