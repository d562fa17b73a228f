"""Services that members use besides points: a lounge, a breakfast, a free cancellation.

A *benefit* is declared in the policy; a level gives it without limit or by a *quota*, a number of
times in a local year or month; a *perk* is a benefit given by a grant. A *use* takes one of a quota
or a perk and counts until it is returned. Nothing else undoes one: no refund, no lower tier, no new
version.
"""
