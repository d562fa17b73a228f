"""Personal data as a person may ask about them: all that is kept of a member, in one document, and
its erasure, which leaves what happened, of nobody. Each room erases what is its own.
"""
