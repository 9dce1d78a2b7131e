"""HTTP of the outreach service: thin, the use cases are beside it."""
