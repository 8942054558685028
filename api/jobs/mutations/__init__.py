"""What operators do, one mutation a file."""
