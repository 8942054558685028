"""Uploads, stored objects, and what makes a picture acceptable."""
