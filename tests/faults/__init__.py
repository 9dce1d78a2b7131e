"""Parts of the running stack are killed; what comes of the youths is what would have come of them anyway."""
