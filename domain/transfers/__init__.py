"""Points moved by hand: from one member to another, or corrected by staff.

A *transfer* keeps expiry and funder of the points, an *adjustment* always has a reason and an
actor.
"""
