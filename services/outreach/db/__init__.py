"""SQL of the outreach service, each statement named for what it does."""
