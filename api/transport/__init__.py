"""GraphQL over HTTP, over server-sent events and over graphql-transport-ws."""
