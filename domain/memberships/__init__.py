"""Ends of memberships by staff: closing, or merging into another of the same person.

A membership that has ended is *gone*: nothing new is recorded for it except changes of existing
facts, and its open claims, holds and reviews end or move with the person. Suspending, which ends
nothing, and the common parts of ends are in `members`; erasing is in `privacy`.
"""
