"""Proposals: calls of staff that another person must decide.

A **proposal** is a call with its whole input, pinned by a SHA-256; it moves nothing. For seven days
another person may approve it, which performs it once, or any of the staff reject it. Rows are only
added: a decision is a separate row, of which a proposal has at most one. Points that a person gave
without approval on a local day are counted here, too.
"""
