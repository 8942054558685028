"""What can be done with characters, one verb a file; the boundary opens the transaction and commits it."""
