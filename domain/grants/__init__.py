"""Grants: given by the programme itself, for a milestone, a mission, a day, a tier, a referral.

A grant is stored as an activity of the reporter `system`: its type is the rule's code, its
reference the *occurrence* and the member. After each fact it is judged which grants are due, and
whether earlier ones still *stand*; the differences from the stored ones are given, *reversed* or
*restored*. Whether a mission is done or a milestone reached is computed, never stored.
"""
