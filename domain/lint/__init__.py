"""Lint: what a valid document says that it can hardly mean, found before it is published.

A cell is one case that rules can tell apart: product, attributes, tier, payment method, days, and
what is known of the member. A finding says what no cell, every cell or another rule makes of a
part of the document. The return of a booking is what its points and discount are worth, in
percent of its amount; the bound is one that no booking exceeds, the witness the best of one line.
"""
