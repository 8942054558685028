"""The GraphQL API: translates, decides nothing."""
