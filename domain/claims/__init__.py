"""Claims: a member reports a missing booking, and a partner or staff decide.

A *claim* names the booking by its reference and date. Approving it records that booking as of its
date, with the lines given by the decision; nothing else moves points here.
"""
