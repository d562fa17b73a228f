"""Moving a programme here: its bookings are played in order as if they had been reported then.

Decisions are those of the live mutation, for many members at a time. A booking of history is never
recorded twice.
"""
