"""The proof that every invariant holds, over the whole database.

*Verification* reads members in snapshots, a module for each kind of fact; the *chain* links
entries, *seals* cover the rows that each transaction wrote; *evidence* is the rows read. Proof
never repairs anything.
"""
