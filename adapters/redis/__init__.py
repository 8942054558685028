"""Redis: delivery of job hints through ARQ, and wake-ups for subscribers. Never the truth."""
