"""Approvals: proposals that another person approves, which performs them, or rejects.

This room knows how to perform each operation that can become a proposal.
"""
