"""Lint: probable mistakes in a valid document, found before it is published.

A cell is one case that rules can distinguish: product, attributes, tier, payment method, days, and
the member's attributes. A finding says that a part of the document matches no cell, or every cell,
or never counts beside another rule. The return of a booking is the worth of its points and
discount, in percent of its amount; the bound is a percentage that no booking exceeds, the witness
the best booking of one line.
"""
