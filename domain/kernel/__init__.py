"""What every room stands on: ids, money, dates, database, inputs, idempotency, events.

Nothing here knows a point, a member or a booking. The kernel never decides anything of the trade.
"""
