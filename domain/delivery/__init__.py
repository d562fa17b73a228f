"""Events on their way to others: in order for each member, at least once.

*Numbering* gives each event of the outbox its position in the *feed*, which counts by programme
and *part*, the last hexadecimal digit of the member's id, and then writes down who is to hear of
it. Delivery never changes what an event says.
"""
