"""The servers that Uppsök stands on, from installed wheels. Used by the local stack and by the tests."""
