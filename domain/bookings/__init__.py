"""Bookings from report to refund: what they earn, what counts, and what they give back.

A *completion* reports that a line was flown or stayed; a *refund* takes lines back; an *amendment*
changes them; a *parked* fact was reported before its booking; the completion of an *overdue* line
was not reported in time.
"""
