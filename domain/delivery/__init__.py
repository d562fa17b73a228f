"""Events on their way to others: in order for each member, at least once.

*Numbering* gives each event of the outbox its position in the *feed*, which counts by programme and
*part*, the last hexadecimal digit of the member's id, and then writes a delivery for each of its
receivers. Delivery never changes the content of an event.
"""
