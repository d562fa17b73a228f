"""The limit: what a hand-written application needs for the same answers from the same database.

Starlette, asyncpg and orjson; SQL by hand, no GraphQL, no ORM, one programme, one language, and
only what the measured operations meet. Its writes leave the same rows, hashes among them: `verify`
finds no fault in them.
"""
