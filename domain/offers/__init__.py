"""What a member can gain now, among what the programme makes known by itself.

An *offer* is a rule or activity that the policy marks so, or a mission that is open. What it asks
of the day and the member holds now, and something is left of its limit and budget; what it asks of
a booking stays open.
"""
