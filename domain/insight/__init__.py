"""Insight: figures of the programme's settled days, for those who run it.

A *figure* is the sum of one measure over facts of one day that became known on one day; the sums
over all members are the *roll-up*, from which every indicator of a period is read. Figures that
cannot be summed over members, such as repeat bookings and activity, are kept per member. All are
computed from rows that never change, so they can be computed again, and `verify` does so.
"""
