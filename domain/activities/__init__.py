"""What members do other than booking, and its points: reviews, shares, birthdays.

An *activity* is reported by a partner, staff or the member, or given by the calendar.
"""
