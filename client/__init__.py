"""A client of the lab's GraphQL API: what `lab demo` and `lab film` use, and what a partner's script may start from."""
