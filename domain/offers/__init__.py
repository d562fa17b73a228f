"""Offers: points that a member can gain now, which the programme announces.

An *offer* is a rule or activity that the policy marks so, or an open mission. Its conditions on the
day and the member hold now, and its limit and budget are not exhausted; its conditions on a booking
are not judged.
"""
