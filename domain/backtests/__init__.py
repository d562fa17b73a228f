"""Back-tests: a candidate policy beside a baseline, played on what members really did.

Two sides play each member's facts in the order in which they were recorded, from the first, by
the functions that judge live. The candidate judges what occurred in the period; what occurred
before or after it is judged by the baseline on both sides. Nothing of it is written to members.
"""
