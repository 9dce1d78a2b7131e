"""HTTP of the registry: thin, the use cases are beside it."""
