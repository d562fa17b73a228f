"""What every room stands on: ids, money, dates, database, inputs, idempotency, events.

Nothing here knows points, members or bookings. The kernel never decides a question of the trade.
"""
