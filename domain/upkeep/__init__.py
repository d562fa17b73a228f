"""Upkeep: what an operator does with the whole database, and when it was done last.

A *verification* that came to its end stands here with what it saw and how many faults it found, and
so does each *backup*, so that one that is not made any more is noticed. Instants are real ones: a
database has several programmes, each with its clock. Nothing here reads a member's rows.
"""
