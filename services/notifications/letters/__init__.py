"""Letters: content in, PDF out. docs/letters.md has the measures and the reasons."""
