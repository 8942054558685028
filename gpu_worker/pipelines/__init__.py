"""What an engine does with a command, one file or folder a family."""
