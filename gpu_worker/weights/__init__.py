"""Where models come from, what is let in, and how many stay loaded."""
