"""Proposals: calls of staff that another person has to decide.

A **proposal** is a call with all that it was sent, pinned by a SHA-256; nothing moves by it. For
seven days another person may approve it, which performs it once, or anybody of staff reject it.
These rows are only added: a decision is a row of its own, of which a proposal has one.

What a person gave alone on a local day is counted here, too.
"""
