"""Live subscribers of one API process, beside a plain strawberry subscription over Redis pub/sub."""
