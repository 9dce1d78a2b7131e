"""HTTP of the reporting service."""
