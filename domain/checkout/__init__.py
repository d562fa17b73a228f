"""Steps before a booking is paid: its lines, paying part of it in points, guaranteed quotes.

An *offset* is the part of a price that points pay, a *promise* the terms of a guaranteed quote.
"""
