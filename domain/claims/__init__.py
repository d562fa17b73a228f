"""Claims: a member says that a booking is missing, and somebody decides.

A *claim* names the booking by its reference and date. Approving it is recording that booking as
of its date, by the lines that whoever decides gives; nothing else moves points here.
"""
