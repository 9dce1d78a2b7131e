"""Technical parts that every service stands on. No word of the domain in here."""
