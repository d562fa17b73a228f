"""Building blocks of the schema: nodes, connections, scalars, inputs, permissions, problems."""
