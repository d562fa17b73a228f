"""The GraphQL edge: HTTP in, GraphQL out, every rule left to the domain."""
