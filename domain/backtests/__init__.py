"""Back-tests: a candidate policy compared with a baseline, played on members' real facts.

Two sides play each member's facts in the order of recording, from the first, with the functions
that judge live. The candidate judges facts that occurred in the period; facts before or after it
are judged by the baseline on both sides. Nothing is written to members.
"""
