"""Events on their way to others: in order for each member, at least once.

The *relay* takes what the outbox holds. Delivery never changes what an event says.
"""
