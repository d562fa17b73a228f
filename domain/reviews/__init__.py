"""Reviews: staff decide of a fact that looks like fraud, whose points wait for it.

Approving makes the points spendable, spends what is held, or lets the member in; rejecting takes
back what was earned with its share of limits and budgets, gives back what is held, or suspends the
member. One of what is to be spent LAPSES when its hold ends.
"""
