"""A programme that moves here: its bookings played in order as if they had been reported then.

The same decisions as the live mutation, many members at a time. History is never reported twice.
"""
