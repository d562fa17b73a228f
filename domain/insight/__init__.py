"""Insight: what the programme's settled days come to, for those who run it.

A *figure* is what facts of one day, known on one day, add up to in one measure; figures of all
members added up are the *roll-up*, from which every indicator of a period is read. What cannot be
added up over members, who came again or was active, is kept per member. All of it is computed from
rows that never change, so that it can be computed again, and `verify` does.
"""
