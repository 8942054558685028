"""What can be done with renders, one mutation a file."""
