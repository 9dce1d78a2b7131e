"""How Uppsök runs: on one machine (`deploy.local`)."""
