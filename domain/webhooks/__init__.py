"""Endpoints of partners and staff that events are sent to, and how a message reaches one safely.

An address is a stranger's: it is judged when it is saved and again at each attempt, and what a
message says is signed, so that who gets it knows that it is ours.
"""
