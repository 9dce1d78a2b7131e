"""SQL of the reporting service."""
