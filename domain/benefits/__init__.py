"""What members use beside points: a lounge, a breakfast, a free cancellation.

A *benefit* is declared in the policy; a level gives it without limit or by a *quota*, so often in a
local year or month; a *perk* is what a grant gave of it besides. A *use* takes one of a quota or a
perk and counts until it is returned. Nothing else undoes one: no refund, no lower tier, no new
version.
"""
