"""Feedback: texts and ratings by members about a booking, a redemption, an entry, or nothing in
particular.

It is *open* until staff answer it, and *closed* by them or 14 days after the answer.
"""
