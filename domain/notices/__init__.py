"""Notices: messages to members that they did not request.

A *notice* is one message to a member, of a *kind*, made only once; the member's *inbox* shows all
of them. Its cause is an event; a worker decides afterwards, in the member's lane `notices`, which
notice follows. A notice has ids, codes, days and numbers, and no words: its text is made in the
reader's language at each reading. A *reminder* says that points are about to expire.
"""
