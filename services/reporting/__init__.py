"""Reporting: what came of the outreach. Facts from everybody's events, and figures from the facts."""
