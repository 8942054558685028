"""What happens to a document between its arrival and its execution."""
