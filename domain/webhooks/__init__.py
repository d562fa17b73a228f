"""Endpoints of partners and staff to which events are sent, and sending messages to them safely.

An address is not trusted: it is checked when it is saved and again at each attempt. Messages are
signed, so that the receiver can verify that they are ours.
"""
