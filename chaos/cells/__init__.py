"""Every boundary of a job's life by every fault that makes sense there, one deterministic test each."""
