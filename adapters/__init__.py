"""The outside world, one folder a technology; each implements ports of the domain."""
