"""A package, so that its modules share one running stack (the fixtures' scope is the package)."""
