"""What the schema is built from: nodes, connections, scalars, inputs, permissions, problems."""
