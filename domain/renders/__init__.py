"""Renders: one order to film one storyboard as it stood, shot by shot, until there is a film."""
