"""Database migrations, applied by `lab migrate`."""
