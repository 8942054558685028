"""What the server answers beside GraphQL, and what it does to every request."""
