"""Upkeep: an operator's work on the whole database, with the instants of the last runs.

A completed *verification* is recorded with the numbers of rows checked and faults found, and so is
each *backup*, so that missing backups are noticed. Instants are real ones: a database has several
programmes, each with its clock. Nothing here reads a member's rows.
"""
