"""SQL of the registry: migrations, and named statements beside the code that runs them."""
