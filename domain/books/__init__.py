"""The settled days of a programme: nothing can be recorded in them any more.

A *settled* day has ended and never changes: each write reads, under the account's lock, the end of
the settled days, and records nothing before it. The *barrier* waits for writes that read it
earlier. Books that were never opened settle nothing, and this room reads no points.
"""
