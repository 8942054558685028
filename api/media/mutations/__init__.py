"""Announcing files."""
