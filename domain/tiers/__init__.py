"""Tiers of members: their level, its basis, and its duration.

A *level* is a tier of the policy, *qualifying* what counts toward one, a *window* the span in which
it counts, a *holding* the tier that a member has. A balance never moves a tier.
"""
