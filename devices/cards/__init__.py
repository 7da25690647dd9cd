"""Credentials on cards."""
