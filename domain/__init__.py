"""Milepost's rules and use-cases: `def` is pure, `async def` touches the database."""
