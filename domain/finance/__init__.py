"""Finance: what points come to in the accounts of who runs the programme.

A day's *journal* says by *account* what its entries of the ledger moved, in two equal sides; what
is *deferred* stands for points that are still there, valued lot by lot; *breakage* is what is kept
of points that are never redeemed, by *cohort*: the month in which they were earned, and who pays
for them. A month that is *closed* stays as it is. All of it is computed from rows that never
change, so that it can be computed again, and `verify` does.
"""
