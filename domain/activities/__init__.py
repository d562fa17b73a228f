"""What members do beside booking, and what it pays: reviews, shares, birthdays.

An *activity* is reported by a partner, staff or the member, or brought by the calendar.
"""
