"""The proof that every invariant holds, over the whole database.

*Verification* reads members in snapshots, a module for each kind of fact; the *chain* is that of
entries, *seals* are what each transaction wrote; *evidence* is what was read. Proof never repairs
anything.
"""
