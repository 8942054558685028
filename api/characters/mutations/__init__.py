"""Changing characters."""
