"""Operators over GraphQL."""
