"""Storyboards from any OpenAI-compatible endpoint."""
