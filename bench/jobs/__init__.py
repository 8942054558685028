"""The job engine beside those that users would pick instead: the same work, the same stores, the same counting."""
