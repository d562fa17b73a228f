"""The proof that every invariant holds, over the whole database.

*Verification* reads members in snapshots, a module for each kind of fact; *seals* are the chained
hashes; *evidence* is what was read. Proof never repairs anything.
"""
