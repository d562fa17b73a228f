"""Feedback: what members say of a booking, a redemption, an entry, or of nothing in particular.

It is *open* until staff answer it, and *closed* by them or 14 days after the answer.
"""
