"""Passwords and tokens: argon2id and JWT."""
