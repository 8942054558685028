"""Finished films: joining takes, posters, captions, probing."""
