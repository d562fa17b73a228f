"""Tiers of members: their level, its basis, and its duration.

A *level* is a tier of the policy, *qualifying* what counts toward one, a *window* the span in
which it counts, a *holding* how a member stands. A balance never moves a tier.
"""
