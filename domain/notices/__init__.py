"""Notices: what members are notified of without having asked.

A *notice* is one thing that a member is told, of a *kind*, once for ever; its *inbox* shows them
all. What brings one is an event; a worker decides afterwards what it is, in the member's lane
`notices`. A notice has ids, codes, days and numbers, and no words: these are made in the reader's
language whenever somebody reads it. A *reminder* says that points are about to expire.
"""
