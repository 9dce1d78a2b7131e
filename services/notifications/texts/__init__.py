"""Texts of SMS."""
