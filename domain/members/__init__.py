"""Members of a programme: enrolment, profile, contacts, status.

A *member* is enrolled or a *guest*, whose bookings are recorded without earning. A member never
has points here: its account does.
"""
