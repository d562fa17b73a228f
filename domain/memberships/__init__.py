"""Memberships as staff end them: closed, or merged into another of the same person.

A membership that has ended is *gone*: nothing more is recorded for it but what becomes of facts
that are there, and what was open with it ends or goes with the person. Suspending, which ends
nothing, and what ends have in common are in `members`; erasing is in `privacy`.
"""
