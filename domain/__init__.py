"""What the business is: standard library and itself only."""
