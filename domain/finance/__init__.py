"""Finance: points in the accounts of the programme's operator.

A day's *journal* has, by *account*, the amounts that its ledger entries moved, with equal debits
and credits; the *deferred* amount stands for points that still exist, valued lot by lot; *breakage*
is the revenue from points that are never redeemed, by *cohort*: the month in which they were
earned, and the payer. A *closed* month never changes. All of it is computed from rows that never
change, so that it can be computed again, and `verify` does.
"""
