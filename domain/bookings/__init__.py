"""Bookings from report to refund: what they earn, count, and give back.

A *completion* says that a line was flown or stayed, a *refund* takes lines back, an *amendment*
changes them, a *parked* fact came before its booking, an *overdue* line was never heard of again.
"""
