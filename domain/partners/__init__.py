"""The systems that report and redeem for members, and the keys that they call with.

A *partner* is a booking system, a shop or a supplier. Only the digest of a key is ever stored.
"""
