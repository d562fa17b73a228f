"""Reviews: decisions by staff about a fact that looks like fraud, whose points wait for them.

Approving makes the points spendable, spends held points, or admits the member; rejecting takes back
earned points with their share of limits and budgets, returns held points, or suspends the member.
The review of a redemption or transfer LAPSES when its hold ends.
"""
