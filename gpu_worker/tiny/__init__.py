"""Tiny models with random weights in the real formats: they prove the code where no real weights are at hand."""
