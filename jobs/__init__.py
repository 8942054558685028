"""When which use case runs in the background, and what a failure means."""
